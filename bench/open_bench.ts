import { pipeline } from "node:stream/promises";
import { VisitWriter } from "../src/generate/visit_writer.ts";
import { createShard } from "../src/shard/create_shard.ts";
import { counterOf, gaugeOf } from "../src/wire/counters.ts";
import { decodeReport } from "../src/wire/report_codec.ts";
import { plainTask } from "../test/support/plain_task.ts";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import { SHARD_OPTIONS } from "./support/bench_shard.ts";
import { samplesOf } from "./support/compare_reports.ts";
import { Processor } from "./support/processor.ts";
import { printTable, type TableRow } from "./support/table.ts";

// Very many sessions that are open together, and close together at the end of
// the input: how long one shard is busy, at most at a time, and in a run of the
// whole processor how much memory there is.

const START_MS = Date.UTC(2024, 5, 1);
/** Between two visits of a visitor; the gap is longer. */
const PAUSE_S = 180;
const TASK_VISITS = 2_048;
const MEGA = 1e6;

async function main(): Promise<void> {
  const options = benchOptions(
    "A million open sessions: their memory, and how long their firing takes.",
    {
      sessions: ["1000000", "sessions that are open together"],
      visits: ["20", "visits of each"],
      rounds: ["1", "repeats, for the spread"],
    },
  );
  const load = {
    sessions: countOf("sessions", options.sessions),
    visits: countOf("visits", options.visits),
  };
  const shards: TableRow[] = [];
  const runs: TableRow[] = [];
  for (let round = countOf("rounds", options.rounds); round > 0; round--) {
    shards.push(fireInOneShard(load));
    runs.push(await runProcessor(load));
  }
  printTable("One shard, in a process of its own", shards);
  printTable("The whole processor, from stdin to null", runs);
  const samples = { ...samplesOf("shard", shards), ...samplesOf("run", runs) };
  writeReport("open", { load, shards, runs }, { ...options, samples });
}

interface Load {
  readonly sessions: number;
  readonly visits: number;
}

/** The values of the visits, round by round; each is valid until the next. */
function* visitsOf({ sessions, visits }: Load): Generator<Buffer> {
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

function fireInOneShard(load: Load): TableRow {
  const shard = createShard(SHARD_OPTIONS);
  let sequence = 0;
  let values: Buffer[] = [];
  let spares: ArrayBuffer[] = [];
  const send = (mergedWatermarkMs: number) => {
    const header = { sequence: ++sequence, mergedWatermarkMs };
    const task = plainTask(header, values);
    values = [];
    const { envelope, payload } = shard.handle({ ...task, spares });
    spares = payload === null ? [] : [payload];
    return decodeReport(envelope);
  };
  for (const value of visitsOf(load)) {
    values.push(Buffer.from(value));
    if (values.length === TASK_VISITS) send(START_MS);
  }
  const held = send(START_MS);
  const startMs = performance.now();
  let longestMs = 0;
  let sessions = 0;
  for (let backlog = true; backlog; ) {
    const beganMs = performance.now();
    const report = send(Infinity);
    longestMs = Math.max(longestMs, performance.now() - beganMs);
    sessions += counterOf(report, "sessions");
    backlog = report.appliedSequence() < sequence;
  }
  return {
    sessions,
    "bytes a session": gaugeOf(held, "bytesHeld") / load.sessions,
    "fire all, s": (performance.now() - startMs) / 1000,
    "longest at a time, ms": longestMs,
  };
}

async function runProcessor(load: Load): Promise<TableRow> {
  const processor = new Processor(["--from", "-", "--to", "null"]);
  await pipeline(linesOf(load), processor.child.stdin!);
  const { summary, cpuSeconds, peakRssBytes } = await processor.figures();
  return {
    visits: summary.visitsIn,
    sessions: summary.sessions,
    "visits/s": summary.visitsPerSecond,
    "CPU s/M": (cpuSeconds.total / summary.visitsIn) * MEGA,
    "peak RSS MB": peakRssBytes / MEGA,
  };
}

/** The visits as JSON lines, in large pieces. */
function* linesOf(load: Load): Generator<Buffer> {
  let piece = Buffer.alloc(1 << 20);
  let end = 0;
  for (const value of visitsOf(load)) {
    if (end + value.length + 1 > piece.length) {
      yield piece.subarray(0, end);
      piece = Buffer.alloc(1 << 20);
      end = 0;
    }
    end += value.copy(piece, end);
    piece[end++] = 0x0a;
  }
  yield piece.subarray(0, end);
}

await runBench(main);
