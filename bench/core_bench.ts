import type { ChunkPlace } from "../src/record/chunk.ts";
import { LineChunks } from "../src/source/lines/line_chunks.ts";
import { ChunkReader } from "../src/window/chunk_reader.ts";
import { ChunkScanner } from "../src/window/chunk_scanner.ts";
import { packRowParts } from "../src/window/row_part.ts";
import { RowReader } from "../src/window/row_reader.ts";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import { samplesOf } from "./support/compare_reports.ts";
import {
  BATCHES,
  type GeneratedBatch,
  makeBatches,
  RECORDS_PER_BATCH,
  START_MS,
} from "./support/generated_batches.ts";
import { runProcessor } from "./support/processor.ts";
import { median } from "./support/statistics.ts";
import { benchOpen, benchStream } from "./support/store_cases.ts";
import { printTable } from "./support/table.ts";
import { threadCpuMicros } from "./support/thread_cpu.ts";

// What each part of the path costs, in memory: CPU µs a visit.

const RECORDS = BATCHES * RECORDS_PER_BATCH;
const ROUNDS = 60;
const WARM_UP_ROUNDS = 4;
const STREAM_VISITS = 3_000_000;
const OPEN_SESSIONS = 100_000;
const OPEN_VISITS = 20;
const PROCESSOR_VISITS = 3_000_000;
const OUT_BYTES = 1024 * 1024;
const RULES = {
  timePrecision: "s" as const,
  maxRecordBytes: 1 << 20,
  maxSkewMs: null,
};

/** CPU µs a visit, by part. */
type Costs = Record<string, number>;

async function main(): Promise<void> {
  const options = benchOptions(
    "What the parts cost a visit, in memory, and the whole processor.",
    { rounds: ["3", "repeats of all, for the spread"] },
  );
  const rounds: Costs[] = [];
  for (let round = countOf("rounds", options.rounds); round > 0; round--) {
    rounds.push({ ...partCosts(), ...storeCosts(), ...(await wholeCosts()) });
  }
  printTable(
    "CPU µs a visit, median of the rounds",
    Object.keys(rounds[0]!).map((part) => ({
      part,
      "µs a visit": median(rounds.map((costs) => costs[part]!)),
    })),
  );
  const samples = samplesOf("µs a visit:", rounds);
  writeReport("core", { rounds }, { ...options, samples });
}

function partCosts(): Costs {
  const batches = makeBatches((json) => json);
  const lines = new LineChunks({ firstLine: 0, roundRecords: null });
  const reader = new ChunkReader(RULES);
  const rows = new DealtRows();
  return {
    "lines into chunks": costOf(batches, (batch) => {
      writeLines(lines, batch.lines);
    }),
    "check, scan a visit": costOf(batches, ({ place }) => {
      reader.open(place, START_MS);
      while (reader.next());
    }),
    "check, scan, group for 2 shards": costOf(batches, ({ place }) => {
      rows.scan(place);
    }),
    "the same, and read the rows": costOf(batches, ({ place }) => {
      rows.scan(place);
      rows.read();
    }),
  };
}

/**
 * The mean of the rounds, after some that warm up: many systems count the CPU
 * of a thread in ticks of 4 ms, which is more than one round takes.
 */
function costOf(
  batches: readonly GeneratedBatch[],
  work: (batch: GeneratedBatch) => void,
): number {
  let before = 0;
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    if (round === 0) before = threadCpuMicros();
    for (const batch of batches) work(batch);
  }
  return (threadCpuMicros() - before) / (ROUNDS * RECORDS);
}

/** As the source of lines does. */
function writeLines(lines: LineChunks, bytes: Buffer): void {
  lines.expect(bytes.length);
  lines.open({ bytes, lostBytes: 0 });
  while (!lines.write()) lines.take(START_MS)!.release();
  lines.take(START_MS)?.release();
}

/** As the threads of several shards do, and then each shard with its rows. */
class DealtRows {
  readonly #scanner = new ChunkScanner(RULES, {
    shardCount: 2,
    routeBy: "visit_id",
  });
  readonly #reader = new RowReader();
  #out = new SharedArrayBuffer(OUT_BYTES);
  #groups: Int32Array = new Int32Array(0);

  scan(chunk: ChunkPlace): void {
    const out = this.#out;
    const message = { chunk, nowMs: START_MS, out, records: null };
    const answer = this.#scanner.scan(message);
    this.#out = answer.out ?? out;
    this.#groups = answer.groups;
  }

  read(): void {
    const groups = this.#groups;
    const parts = Array.from({ length: groups.length / 4 }, (_, group) => {
      const [at, byteLength, count] = groups.subarray(4 * group + 1);
      return {
        ...{ partition: 0, memory: this.#out, records: null },
        ...{ at: at!, byteLength: byteLength!, count: count! },
      };
    });
    this.#reader.open(packRowParts(parts));
    while (this.#reader.next());
  }
}

function storeCosts(): Costs {
  const stream = benchStream(STREAM_VISITS);
  const open = benchOpen(OPEN_SESSIONS, OPEN_VISITS);
  return {
    "windows: apply": stream["apply, µs a visit"]!,
    "windows: fire, format, forget": stream["fire, µs a visit"]!,
    "format 20 visits a session": open["fire, µs a visit"]!,
  };
}

/** The real processor from generated visits in memory to nowhere. */
async function wholeCosts(): Promise<Costs> {
  const from = ["--from", "generator", "--count", String(PROCESSOR_VISITS)];
  const { summary, cpuSeconds } = await runProcessor([...from, "--to", "null"]);
  const microsOf = (seconds: number) => (seconds * 1e6) / PROCESSOR_VISITS;
  const shards = cpuSeconds.shards.reduce((sum, each) => sum + each, 0);
  return {
    "whole: wall": 1e6 / summary.visitsPerSecond,
    "whole: CPU of the process": microsOf(cpuSeconds.total),
    "whole: main, generating": microsOf(cpuSeconds.main),
    "whole: shards": microsOf(shards),
  };
}

await runBench(main);
