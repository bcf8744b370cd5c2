import { VisitWriter } from "../../src/generate/visit_writer.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import { counterOf, gaugeOf } from "../../src/wire/counters.ts";
import type { Report } from "../../src/wire/generated/report.ts";
import type { ReportMessage } from "../../src/wire/messages.ts";
import { decodeReport } from "../../src/wire/report_codec.ts";
import { plainTask } from "../../test/support/plain_task.ts";
import { SHARD_OPTIONS } from "./bench_shard.ts";
import { percentile, sum } from "./statistics.ts";
import type { TableRow } from "./table.ts";
import { threadCpuMicros } from "./thread_cpu.ts";

// One shard with very many open sessions, in a process of its own.

const START_MS = Date.UTC(2024, 5, 1);
/** Between two visits of a visitor; the gap is longer. */
const PAUSE_S = 180;
const TASK_VISITS = 2_048;

/** What is open. */
export interface Load {
  readonly sessions: number;
  /** Visits of each. */
  readonly visits: number;
}

/** The values of the visits, round by round; each is valid until the next. */
export function* visitsOf({ sessions, visits }: Load): Generator<Buffer> {
  const writer = new VisitWriter(1, START_MS);
  const bytes = Buffer.alloc(4096);
  for (let round = 0; round < visits; round++) {
    for (let serial = 0; serial < sessions; serial++) {
      const within = Math.floor((serial * 100) / sessions);
      const eventSeconds = START_MS / 1000 + round * PAUSE_S + within;
      const visit = { serial, eventSeconds, page: (serial + round) % 8 };
      yield bytes.subarray(0, writer.write(bytes, 0, visit));
    }
  }
}

/** What a task has come to. */
interface Done {
  readonly report: Report;
  readonly message: ReportMessage;
}

/** A shard that is sent tasks one by one, each as soon as the last is answered. */
class OpenShard {
  readonly #shard;
  #sequence = 0;
  #spares: ArrayBuffer[] = [];

  constructor(options: { readonly keepsChanges: boolean }) {
    this.#shard = createShard({ ...SHARD_OPTIONS, ...options });
  }

  /** Sends these visits, the barrier of a commit behind them, then a watermark. */
  send(
    values: readonly Buffer[],
    { watermarkMs = START_MS, barrier = 0 } = {},
  ): Done {
    const sequence = ++this.#sequence;
    const header = { sequence, barrier, mergedWatermarkMs: watermarkMs };
    const task = plainTask(header, values);
    const message = this.#shard.handle({ ...task, spares: this.#spares });
    const { envelope, payload } = message;
    this.#spares = payload === null ? [] : [payload];
    return { report: decodeReport(envelope), message };
  }

  /** Sends all of them, in tasks of the usual size. */
  sendAll(values: Iterable<Buffer>): void {
    let task: Buffer[] = [];
    for (const value of values) {
      task.push(Buffer.from(value));
      if (task.length < TASK_VISITS) continue;
      this.send(task);
      task = [];
    }
    this.send(task);
  }

  /** True when all that was sent is applied. */
  isDone(report: Report): boolean {
    return report.appliedSequence() === this.#sequence;
  }
}

/** How long it takes to put all of them out, in all and at a time. */
export function fireInOneShard(load: Load): TableRow {
  const shard = new OpenShard({ keepsChanges: false });
  shard.sendAll(visitsOf(load));
  const held = shard.send([]).report;
  const startMs = performance.now();
  let longestMs = 0;
  let sessions = 0;
  for (let isDone = false; !isDone; ) {
    const beganMs = performance.now();
    const { report } = shard.send([], { watermarkMs: Infinity });
    longestMs = Math.max(longestMs, performance.now() - beganMs);
    sessions += counterOf(report, "sessions");
    isDone = shard.isDone(report);
  }
  return {
    sessions,
    "bytes a session": gaugeOf(held, "bytesHeld") / load.sessions,
    "fire all, s": (performance.now() - startMs) / 1000,
    "longest at a time, ms": longestMs,
  };
}

/** How the commits of a run that reads as fast as it can pause such a shard. */
export interface CommitLoad extends Load {
  readonly commits: number;
  /** Visits between two of them, each of another session. */
  readonly between: number;
}

/** How long the shard is busy with what a barrier asks of it, at a time. */
export function commitInOneShard(load: CommitLoad): TableRow {
  const { commits, between, sessions, visits } = load;
  const shard = new OpenShard({ keepsChanges: true });
  const all = visitsOf({
    sessions,
    visits: visits + Math.ceil((commits * between) / sessions),
  });
  shard.sendAll(take(all, sessions * visits));
  // The first one writes all that is open, as no later one does.
  passBarrier(shard, 1);
  const slices: Slice[] = [];
  const commitMs: number[] = [];
  for (let commit = 2; commit <= commits + 1; commit++) {
    shard.sendAll(take(all, between));
    const own = passBarrier(shard, commit);
    slices.push(...own);
    commitMs.push(sum(own.map(({ cpuMs }) => cpuMs)));
  }
  const cpu = sorted(slices.map(({ cpuMs }) => cpuMs));
  const wall = sorted(slices.map(({ wallMs }) => wallMs));
  const each = sorted(commitMs);
  return {
    commits,
    "changed a commit": Math.min(between, sessions),
    slices: slices.length,
    "p99 of a slice, CPU ms": percentile(cpu, 99),
    "longest slice, CPU ms": cpu.at(-1)!,
    "longest slice, ms": wall.at(-1)!,
    "a commit, CPU ms": percentile(each, 50),
    "longest commit, CPU ms": each.at(-1)!,
  };
}

/** One time that the shard is busy with an export. */
interface Slice {
  readonly cpuMs: number;
  readonly wallMs: number;
}

function passBarrier(shard: OpenShard, commit: number): Slice[] {
  const slices: Slice[] = [];
  for (let barrier = commit; ; barrier = 0) {
    const cpuMicros = threadCpuMicros();
    const beganMs = performance.now();
    const { message } = shard.send([], { barrier });
    slices.push({
      cpuMs: (threadCpuMicros() - cpuMicros) / 1000,
      wallMs: performance.now() - beganMs,
    });
    if (message.answers.some(({ kind }) => kind === "barrier")) return slices;
  }
}

function sorted(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

/** The next so many; the generator goes on behind them. */
function* take(values: Generator<Buffer>, count: number): Generator<Buffer> {
  for (let left = count; left > 0; left--) {
    const { done, value } = values.next();
    if (done === true)
      throw new Error("Cannot bench: there are no more visits");
    yield value;
  }
}
