import { setImmediate as nextTurn } from "node:timers/promises";
import { WALL_CLOCK } from "../src/clock.ts";
import { DEFAULT_GENERATOR } from "../src/config/generator_defaults.ts";
import { Dispatcher } from "../src/fleet/dispatcher.ts";
import type { ShardRunner } from "../src/fleet/dispatcher_parts.ts";
import { Assignment } from "../src/pipeline/assignment.ts";
import type { ChunkPlace } from "../src/record/chunk.ts";
import { createShard } from "../src/shard/create_shard.ts";
import { warmUp } from "../src/shard/warm_up.ts";
import { warmUpTasks } from "../src/shard/warm_up_tasks.ts";
import { GeneratorSource } from "../src/source/generator_source.ts";
import { counterOf } from "../src/wire/counters.ts";
import type { PostedReport, TaskMessage } from "../src/wire/messages.ts";
import { decodeReport } from "../src/wire/report_codec.ts";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import { SHARD_OPTIONS } from "./support/bench_shard.ts";
import { samplesOf } from "./support/compare_reports.ts";
import { median } from "./support/statistics.ts";
import { figureText, print, printTable } from "./support/table.ts";
import { threadCpuMicros } from "./support/thread_cpu.ts";

// One shard alone in a process: from tasks, as main sends them, to the encoded
// record batches of its sessions. Nothing else runs while it is measured.

/** Tasks that wait for the shard while it works at one. */
const WAITING_TASKS = 2;

/** What one run of all tasks took. */
interface ShardRun {
  readonly visits: number;
  readonly sessions: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

async function main(): Promise<void> {
  const options = benchOptions(
    "One shard alone in a process: recorded tasks in, encoded sessions out.",
    {
      visits: ["1000000", "visits in the tasks"],
      rounds: ["5", "runs of all tasks"],
    },
  );
  const visits = countOf("visits", options.visits);
  const tasks = await recordTasks(visits);
  print(`${figureText(tasks.length)} tasks of ${figureText(visits)} visits`);
  warmUp(SHARD_OPTIONS, warmUpTasks());
  const runs = Array.from({ length: countOf("rounds", options.rounds) }, () =>
    runAll(tasks),
  );
  printTable("One shard alone", runs.map(rowOf));
  const rate = median(runs.map((run) => run.visits / run.wallSeconds));
  print(`\nmedian: ${figureText(rate)} visits/s`);
  const samples = samplesOf("shard", runs.map(rowOf));
  writeReport("shard", { runs, rate }, { ...options, samples });
}

/** The tasks of a real run, watermarks and all, with bytes of their own. */
async function recordTasks(visits: number): Promise<TaskMessage[]> {
  const shard = createShard(SHARD_OPTIONS);
  const tasks: TaskMessage[] = [];
  // Under heavy load a shard always has its next tasks waiting: answers come
  // late, so that no task leaves before it is full.
  const answers: (() => void)[] = [];
  const runner: ShardRunner = {
    size: 1,
    run(_, message): Promise<PostedReport> {
      const { envelope, chunks } = message;
      tasks.push({
        ...message,
        envelope: envelope.slice(),
        chunks: chunks.map(copyOf),
        spares: [],
      });
      const report = { ...shard.handle(message), threadCpuMs: 0 };
      return new Promise((resolve) => {
        answers.push(() => resolve(report));
        if (answers.length > WAITING_TASKS) answers.shift()!();
      });
    },
    scan() {
      throw new Error("Cannot scan: the only shard does so itself");
    },
    look() {
      throw new Error("Cannot look up sessions: nobody asks");
    },
  };
  const dispatcher = new Dispatcher(
    runner,
    {
      outputLimitBytes: 16 << 20,
      inFlightLimitBytes: 16 << 20,
      watermarks: "merged",
      ...{ topic: "bench", keepsRecords: false },
      clock: WALL_CLOCK,
    },
    { onReport: async () => {}, onFailure: () => {} },
  );
  await feed(dispatcher, visits);
  const end = dispatcher.quiet();
  while (answers.length > 0) {
    answers.shift()!();
    await nextTurn();
  }
  await end;
  return tasks;
}

/** The same chunk, in memory that nobody else uses. */
function copyOf(chunk: ChunkPlace): ChunkPlace {
  const { byteLength } = chunk.memory;
  const memory = new SharedArrayBuffer(byteLength);
  Buffer.from(chunk.memory).copy(Buffer.from(memory));
  return { ...chunk, memory };
}

async function feed(dispatcher: Dispatcher, count: number): Promise<void> {
  const config = { ...DEFAULT_GENERATOR, count };
  const options = { timestamps: "seed", roundRecords: null } as const;
  const source = new GeneratorSource(config, options);
  const assignment = new Assignment(dispatcher, {
    topic: source.topic,
    idleTimeoutMs: 1_000,
    clock: WALL_CLOCK,
  });
  for await (const event of source.events()) {
    if (event.kind === "assigned") {
      assignment.assign(event);
      source.begin(0, "earliest");
    } else if (event.kind === "finished") assignment.finish(event.partition);
    else if (event.kind === "records") {
      dispatcher.dealer.deal(event.chunk);
    }
    await dispatcher.capacity();
  }
  dispatcher.pump();
}

function runAll(tasks: readonly TaskMessage[]): ShardRun {
  const shard = createShard(SHARD_OPTIONS);
  let spares: ArrayBuffer[] = [];
  let visits = 0;
  let sessions = 0;
  const startMs = performance.now();
  const cpuBefore = threadCpuMicros();
  for (const task of tasks) {
    const report = shard.handle({ ...task, spares });
    spares = report.payload === null ? [] : [report.payload];
    const envelope = decodeReport(report.envelope);
    visits += counterOf(envelope, "visits");
    sessions += counterOf(envelope, "sessions");
  }
  return {
    visits,
    sessions,
    wallSeconds: (performance.now() - startMs) / 1000,
    cpuSeconds: (threadCpuMicros() - cpuBefore) / 1e6,
  };
}

function rowOf({ visits, sessions, wallSeconds, cpuSeconds }: ShardRun) {
  return {
    "visits/s": visits / wallSeconds,
    "µs a visit": (wallSeconds * 1e6) / visits,
    "CPU µs a visit": (cpuSeconds * 1e6) / visits,
    sessions,
  };
}

await runBench(main);
