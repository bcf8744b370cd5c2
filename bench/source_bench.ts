import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loadVisits, startBroker } from "./support/bench_broker.ts";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { type ReportPlace, writeReport } from "./support/bench_report.ts";
import { samplesOf } from "./support/compare_reports.ts";
import type { SourceRun } from "./support/source_probe.ts";
import { median } from "./support/statistics.ts";
import { print, printTable, type TableRow } from "./support/table.ts";

// The source alone (fetch, walk, hash, copy) against the stock consumer of
// kafkajs, in turn, over the same topic, each run in a process of its own.

const TOPIC = "visits";
const MEGA = 1e6;
const PROBE = fileURLToPath(
  new URL("./support/source_probe.ts", import.meta.url),
);
const run = promisify(execFile);

async function main(): Promise<void> {
  const options = benchOptions(
    "The source alone against the stock consumer of kafkajs.",
    {
      visits: ["2000000", "visits in the topic"],
      rounds: ["5", "runs of each that count"],
    },
  );
  const visits = countOf("visits", options.visits);
  const rounds = countOf("rounds", options.rounds);
  const broker = await startBroker();
  try {
    print(`Loading ${visits} visits`);
    await loadVisits(broker, TOPIC, ["--count", String(visits)]);
    const ours: SourceRun[] = [];
    const stock: SourceRun[] = [];
    // Those do not count: a new broker compiles its code.
    await read("ours", broker.brokers);
    await read("stock", broker.brokers);
    for (let round = 0; round < rounds; round++) {
      ours.push(await read("ours", broker.brokers));
      stock.push(await read("stock", broker.brokers));
    }
    report({ ours, stock }, options);
  } finally {
    await broker.stop();
  }
}

async function read(reader: string, brokers: string): Promise<SourceRun> {
  const args = ["--disable-warning=TimeoutNegativeWarning", PROBE];
  const { stdout } = await run(process.execPath, [
    ...args,
    reader,
    brokers,
    TOPIC,
  ]);
  return JSON.parse(stdout) as SourceRun;
}

interface Runs {
  readonly ours: readonly SourceRun[];
  readonly stock: readonly SourceRun[];
}

function report({ ours, stock }: Runs, place: ReportPlace): void {
  printTable("Runs", [
    ...ours.map((each) => row("sessionmill", each)),
    ...stock.map((each) => row("kafkajs", each)),
  ]);
  const ratios = {
    recordsPerSecond: median(
      ours.map((each, round) => stock[round]!.seconds / each.seconds),
    ),
    cpu: median(
      ours.map((each, round) => stock[round]!.cpuSeconds / each.cpuSeconds),
    ),
  };
  printTable("sessionmill against kafkajs, median of the rounds", [
    {
      "times its records/s": ratios.recordsPerSecond,
      "CPU it needs, times": ratios.cpu,
    },
  ]);
  const samples = {
    ...samplesOf("sessionmill", ours),
    ...samplesOf("kafkajs", stock),
  };
  writeReport("source", { ours, stock, ratios }, { ...place, samples });
}

function row(reader: string, { records, seconds, cpuSeconds }: SourceRun) {
  const row: TableRow = {
    reader,
    "records/s": records / seconds,
    "CPU s/M": (cpuSeconds / records) * MEGA,
  };
  return row;
}

await runBench(main);
