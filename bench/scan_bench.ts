import { ChunkReader } from "../src/window/chunk_reader.ts";
import { parseVisit } from "../src/window/visit_parser.ts";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import type { Samples } from "./support/compare_reports.ts";
import {
  BATCHES,
  type GeneratedBatch,
  makeBatches,
  RECORDS_PER_BATCH,
  type Shape,
  START_MS,
} from "./support/generated_batches.ts";
import { median } from "./support/statistics.ts";
import { printTable } from "./support/table.ts";

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

async function main(): Promise<void> {
  const options = benchOptions(
    "What reading a record costs, by the kernel and by the judge, for shapes of JSON.",
    { rounds: [String(ROUNDS), "runs over all records, of each shape"] },
  );
  const rounds = countOf("rounds", options.rounds);
  const samples: Record<string, readonly number[]> = {};
  for (const [name, shape] of Object.entries(SHAPES)) {
    Object.assign(samples, benchShape(name, shape, rounds));
  }
  printTable(
    "µs a record, median of the rounds",
    Object.entries(samples).map(([figure, values]) => ({
      figure,
      µs: median(values),
    })),
  );
  writeReport("scan", {}, { ...options, samples });
}

function benchShape(name: string, shape: Shape, rounds: number): Samples {
  const batches = makeBatches(shape);
  const bytes = batches.reduce((sum, batch) => sum + batch.lines.length, 0);
  const title = `${name}, ${Math.round(bytes / RECORDS)} bytes a record`;

  const reader = new ChunkReader({
    timePrecision: "s",
    maxRecordBytes: 1 << 20,
    maxSkewMs: null,
  });
  const readAll = () => {
    for (const { place } of batches) {
      reader.open(place, START_MS);
      while (reader.next());
    }
  };
  return {
    [`${title}: parseVisit`]: costsOf(rounds, () => batches.forEach(parseAll)),
    [`${title}: ChunkReader`]: costsOf(rounds, readAll),
  };
}

function parseAll(batch: GeneratedBatch): void {
  let start = 0;
  for (const length of batch.valueLengths) {
    parseVisit(batch.lines.subarray(start, start + length));
    start += length + 1;
  }
}

/** CPU µs a record of each round, behind two that warm up. */
function costsOf(rounds: number, run: () => void): number[] {
  run();
  run();
  return Array.from({ length: rounds }, () => {
    const before = process.threadCpuUsage();
    run();
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / RECORDS;
  });
}

await runBench(main);
