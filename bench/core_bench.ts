import { readFileSync } from "node:fs";
import { hashKey } from "../src/key_hash.ts";
import { ShardBatch } from "../src/route/shard_batch.ts";
import { VisitIdFinder } from "../src/route/visit_id_finder.ts";
import { type RawRecords, VisitColumns } from "../src/window/visit_columns.ts";
import { VisitScanner } from "../src/window/visit_scanner.ts";
import { decodeTask, encodeTask } from "../src/wire/task_codec.ts";
import { benchOptions, runBench } from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import {
  BATCHES,
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
const ROUNDS = 15;
const STREAM_VISITS = 3_000_000;
const OPEN_SESSIONS = 100_000;
const OPEN_VISITS = 20;
const PROCESSOR_VISITS = 3_000_000;
const PAYLOAD_BYTES = 256 * 1024;

/** CPU µs a visit, by part. */
type Costs = Record<string, number>;

async function main(): Promise<void> {
  const options = benchOptions({ json: null, compare: null });
  const costs = { ...partCosts(), ...storeCosts(), ...(await wholeCosts()) };
  const earlier = options.compare === null ? null : readCosts(options.compare);
  printTable(
    "CPU µs a visit",
    Object.entries(costs).map(([part, cost]) => ({
      part,
      "µs a visit": cost,
      ...(earlier && { "of the other": cost / (earlier[part] ?? Number.NaN) }),
    })),
  );
  writeReport("core", { costs }, options.json ?? undefined);
}

function readCosts(path: string): Costs {
  return (JSON.parse(readFileSync(path, "utf8")) as { costs: Costs }).costs;
}

function partCosts(): Costs {
  const batches = makeBatches((json) => json);
  const columns = new VisitColumns();
  const scanner = new VisitScanner({
    timePrecision: "s",
    maxRecordBytes: 1 << 20,
    maxSkewMs: null,
  });
  const finder = new VisitIdFinder();
  const carries = { keys: false, timestamps: false };
  const batch = new ShardBatch(new ArrayBuffer(PAYLOAD_BYTES), carries);
  return {
    "find visit_id, hash": costOf(batches, (raw) => findAll(finder, raw)),
    "find, hash, copy, envelope": costOf(batches, (raw) => {
      routeAll(finder, batch, raw);
    }),
    "scan a visit": costOf(batches, (raw) => {
      scanner.scan(raw, columns, START_MS);
    }),
  };
}

/** The median of the rounds, after two that warm up. */
function costOf(
  batches: readonly RawRecords[],
  work: (raw: RawRecords) => void,
): number {
  const rounds: number[] = [];
  for (let round = -2; round < ROUNDS; round++) {
    const before = threadCpuMicros();
    for (const raw of batches) work(raw);
    if (round >= 0) rounds.push((threadCpuMicros() - before) / RECORDS);
  }
  return median(rounds);
}

function findAll(finder: VisitIdFinder, raw: RawRecords): number {
  let start = 0;
  let hashes = 0;
  for (let row = 0; row < raw.count; row++) {
    const length = raw.valueLengths[row]!;
    finder.find(raw.bytes, start, length);
    hashes ^= hashKey(finder.keyBytes, finder.keyStart, finder.keyLength);
    start += length;
  }
  return hashes;
}

/** As the router does for one shard; then the envelope, there and back. */
function routeAll(
  finder: VisitIdFinder,
  batch: ShardBatch,
  raw: RawRecords,
): void {
  findAll(finder, raw);
  const cursor = {
    bytes: raw.bytes,
    keyStart: 0,
    keyLength: -1,
    valueStart: 0,
    valueLength: 0,
    offset: 0,
    timestampMs: -1,
  };
  for (let row = 0; row < raw.count; row++) {
    cursor.valueLength = raw.valueLengths[row]!;
    if (!batch.fits(cursor)) send(batch);
    batch.add(cursor, 0, 0);
    cursor.valueStart += cursor.valueLength;
    cursor.offset++;
  }
  send(batch);
}

function send(batch: ShardBatch): void {
  const header = {
    sequence: 1,
    nowMs: START_MS,
    mergedWatermarkMs: START_MS,
    clocksMs: new Float64Array(2),
    states: new Uint8Array(2),
    droppedPartitions: null,
  };
  const envelope = encodeTask(header, batch.columns());
  if (decodeTask(envelope).valueLengthsLength() !== batch.count) {
    throw new Error("Cannot run bench: the envelope lost records");
  }
  batch.replacePayload(batch.replacePayload(new ArrayBuffer(0)));
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
