import { ChunkReader } from "../src/window/chunk_reader.ts";
import { parseVisit } from "../src/window/visit_parser.ts";
import {
  BATCHES,
  type GeneratedBatch,
  makeBatches,
  RECORDS_PER_BATCH,
  type Shape,
  START_MS,
} from "./support/generated_batches.ts";

const RECORDS = BATCHES * RECORDS_PER_BATCH;
const ROUNDS = 15;

const SHAPES: Readonly<Record<string, Shape>> = {
  generated: (json) => json,
  compact: (json) => JSON.stringify(JSON.parse(json)),
  "visit_id last": (json) => {
    const { visit_id, ...rest } = JSON.parse(json);
    return JSON.stringify({ ...rest, visit_id });
  },
  "an escape in each": (json) => json.replace('"page": "', '"page": "a\\/'),
  "UTF-8 in each": (json) => json.replace('"page": "', '"page": "é'),
  "5 shapes mixed": (json, index) => {
    const { context, ...rest } = JSON.parse(json);
    const extras = Array.from({ length: index % 5 }, (_, i) => [`x${i}`, i]);
    return JSON.stringify({ ...rest, ...Object.fromEntries(extras), context });
  },
  "a shape of its own each": (json, index) => {
    const { context, ...rest } = JSON.parse(json);
    return JSON.stringify({ ...rest, [`key${index}`]: index, context });
  },
};

// As in a worker: once a buffer has been transferred, V8 checks every access.
structuredClone(new ArrayBuffer(8), { transfer: [new ArrayBuffer(8)] });

for (const [name, shape] of Object.entries(SHAPES)) benchShape(name, shape);

function benchShape(name: string, shape: Shape): void {
  const batches = makeBatches(shape);
  const bytes = batches.reduce((sum, batch) => sum + batch.lines.length, 0);
  print(`${name}, ${Math.round(bytes / RECORDS)} bytes a record`);
  report("parseVisit", () => batches.forEach(parseAll));

  const reader = new ChunkReader({
    timePrecision: "s",
    maxRecordBytes: 1 << 20,
    maxSkewMs: null,
  });
  report("ChunkReader", () => {
    for (const { place } of batches) {
      reader.open(place, START_MS);
      while (reader.next());
    }
  });
}

function parseAll(batch: GeneratedBatch): void {
  let start = 0;
  for (const length of batch.valueLengths) {
    parseVisit(batch.lines.subarray(start, start + length));
    start += length + 1;
  }
}

/** Prints µs a record: CPU time, and the wall time of the best round. */
function report(name: string, run: () => void): void {
  run();
  run();
  let bestMs = Number.POSITIVE_INFINITY;
  const before = process.threadCpuUsage();
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now();
    run();
    bestMs = Math.min(bestMs, performance.now() - startMs);
  }
  const { user, system } = process.threadCpuUsage(before);
  const cpu = (user + system) / (ROUNDS * RECORDS);
  const best = (bestMs * 1000) / RECORDS;
  print(
    `  ${name.padEnd(16)} ${cpu.toFixed(3)} µs CPU, best ${best.toFixed(3)} µs`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
