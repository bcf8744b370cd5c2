import process from "node:process";
import type { GeneratorConfig } from "../src/config/config.ts";
import {
  DEFAULT_GENERATOR,
  DEMO_GENERATOR,
} from "../src/config/generator_defaults.ts";
import { RecordFrame } from "../src/generate/record_frame.ts";
import { VisitGenerator } from "../src/generate/visit_generator.ts";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import { samplesOf } from "./support/compare_reports.ts";
import { printTable, type TableRow } from "./support/table.ts";

const VISITS = 2_000_000;
const CASES: Readonly<Record<string, GeneratorConfig>> = {
  "clean visits": DEFAULT_GENERATOR,
  "as in the demo": DEMO_GENERATOR,
  "a million active": { ...DEFAULT_GENERATOR, active: 1_000_000 },
};

async function main(): Promise<void> {
  const options = benchOptions("What a generated visit costs, in memory.", {
    rounds: ["3", "repeats of all cases"],
  });
  const rows: TableRow[] = [];
  const samples: Record<string, readonly number[]> = {};
  for (const [name, config] of Object.entries(CASES)) {
    const rounds = Array.from(
      { length: countOf("rounds", options.rounds) },
      () => benchCase(config),
    );
    rows.push(...rounds.map((round) => ({ visits: name, ...round })));
    Object.assign(samples, samplesOf(name, rounds));
  }
  printTable("Generated visits", rows);
  writeReport("generate", { rows }, { ...options, samples });
}

/** CPU time, not wall time: other work on the machine counts less. */
function benchCase(config: GeneratorConfig) {
  const generator = new VisitGenerator(config);
  const frame = new RecordFrame();
  const limits = { visits: VISITS, records: Number.POSITIVE_INFINITY };
  let byteLength = 0;
  const start = process.cpuUsage();
  while (!generator.isDone(VISITS)) {
    frame.clear();
    generator.fill(frame, limits);
    byteLength += frame.end;
  }
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  const { records } = generator.counts;
  return {
    "records/s": records / seconds,
    "ns each": (seconds / records) * 1e9,
    "bytes each": byteLength / records,
    "MB/s": byteLength / seconds / 1e6,
  };
}

await runBench(main);
