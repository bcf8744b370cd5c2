import { readFileSync } from "node:fs";
import { batchedByteLength, ShardBatch } from "../src/fleet/shard_batch.ts";
import { hashKey } from "../src/kernel/host/key_hash.ts";
import {
  newCursor,
  newRun,
  type RecordRun,
} from "../src/record/record_batch.ts";
import { Scatterer } from "../src/route/scatterer.ts";
import { VisitIdFinder } from "../src/route/visit_id_finder.ts";
import { VisitScanner } from "../src/window/visit_scanner.ts";
import { decodeTask, encodeTask } from "../src/wire/task_codec.ts";
import { benchOptions, runBench } from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import {
  BATCHES,
  type GeneratedBatch,
  makeBatches,
  RECORDS_PER_BATCH,
  START_MS,
} from "./support/generated_batches.ts";
import { runProcessor } from "./support/processor.ts";
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
const PAYLOAD_BYTES = 512 * 1024;
const ORIGIN = { partition: 0, fetchedAtMs: 0 };

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
  const scanner = new VisitScanner({
    timePrecision: "s",
    maxRecordBytes: 1 << 20,
    maxSkewMs: null,
  });
  const finder = new VisitIdFinder();
  const link = new ShardBatch(new ArrayBuffer(PAYLOAD_BYTES));
  const links = [link, new ShardBatch(new ArrayBuffer(PAYLOAD_BYTES))];
  const scatterer = new Scatterer(links.length, "visit_id");
  return {
    "find visit_id, hash": costOf(batches, (batch) => findAll(finder, batch)),
    "find, hash, copy, envelope": costOf(batches, (batch) => {
      routeAll(finder, link, batch);
    }),
    "deal out to 2 shards, envelopes": costOf(batches, (batch) => {
      dealOut(scatterer, links, batch);
    }),
    "copy whole, envelope": costOf(batches, (batch) => {
      routeWhole(link, batch);
    }),
    "scan a visit": costOf(batches, ({ raw }) => {
      scanner.open(raw, START_MS);
      while (scanner.next());
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

function findAll(
  finder: VisitIdFinder,
  { bytes, valueLengths }: GeneratedBatch,
): number {
  let start = 0;
  let hashes = 0;
  for (const length of valueLengths) {
    finder.find(bytes, start, length);
    hashes ^= hashKey(finder.keyBytes, finder.keyStart, finder.keyLength);
    start += length;
  }
  return hashes;
}

/** As the router does with lines for one of several shards; then the envelope. */
function routeAll(
  finder: VisitIdFinder,
  link: ShardBatch,
  batch: GeneratedBatch,
): void {
  findAll(finder, batch);
  const cursor = newCursor();
  cursor.bytes = batch.bytes;
  for (const length of batch.valueLengths) {
    cursor.valueLength = length;
    if (!link.fits(batchedByteLength(cursor), 1)) send(link);
    link.add(cursor, ORIGIN);
    cursor.valueStart += length;
    cursor.offset++;
  }
  send(link);
}

/** As the router does with Kafka's records for several shards. */
function dealOut(
  scatterer: Scatterer,
  links: readonly ShardBatch[],
  batch: GeneratedBatch,
): void {
  const run = runOf(batch);
  scatterer.open(run);
  while (run.count > 0) {
    const dealt = scatterer.deal(run, (shard, records) => {
      const link = links[shard]!;
      if (!link.fits(records.end - records.start, records.count)) send(link);
      link.addRun(records, ORIGIN);
    });
    if (dealt === 0)
      throw new Error("Cannot run bench: a record was not dealt");
  }
  for (const link of links) send(link);
}

function runOf({ raw, valueLengths }: GeneratedBatch): RecordRun {
  const run = newRun();
  run.bytes = raw.bytes;
  run.end = raw.bytes.length;
  run.count = valueLengths.length;
  return run;
}

/** As the router does for the only shard; then the envelope. */
function routeWhole(link: ShardBatch, batch: GeneratedBatch) {
  const run = runOf(batch);
  if (!link.fits(run.end, run.count)) send(link);
  link.addRun(run, ORIGIN);
  send(link);
}

function send(batch: ShardBatch): void {
  const header = {
    sequence: 1,
    nowMs: START_MS,
    mergedWatermarkMs: START_MS,
    clocksMs: new Float64Array(2),
    states: new Uint8Array(2),
    isFollowed: false,
  };
  const envelope = encodeTask(header, batch.columns());
  const counts = [...(decodeTask(envelope).runCountsArray() ?? [])];
  if (counts.reduce((sum, count) => sum + count, 0) !== batch.count) {
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
