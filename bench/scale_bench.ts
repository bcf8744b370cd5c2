import { availableParallelism } from "node:os";
import { loadVisits, newTopic, startBroker } from "./support/bench_broker.ts";
import {
  benchOptions,
  countOf,
  countsOf,
  optionError,
  runBench,
} from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import { type Samples, samplesOfRows } from "./support/compare_reports.ts";
import { runOurs } from "./support/kafka_runs.ts";
import { type ProcessorFigures, runProcessor } from "./support/processor.ts";
import { SCALE_CASES } from "./support/scale_inputs.ts";
import { sum } from "./support/statistics.ts";
import { benchOpen } from "./support/store_cases.ts";
import { print, printTable, type TableRow } from "./support/table.ts";
import {
  type WorkerTable,
  type WorkerTableOptions,
  workerSamples,
  workerTable,
  workerTableOptions,
} from "./support/worker_table.ts";

// How cost grows with workers, visits, open sessions and session length.

const MEGA = 1e6;
/** Visits a session that is open, on average, when a row of sessions ends. */
const VISITS_A_VISITOR = 4;
const VISITS_MIN = 2_000_000;
/** The row that the others are compared with. */
const VISITS_BASE = 2_000_000;
const LENGTH_VISITS = 1_000_000;
/** Pages a session, and sessions: at the end, a single long one. */
const LENGTHS = [
  ...[1, 10, 100, 1_000, 2_000].map((pages) => [pages, LENGTH_VISITS / pages]),
  [100_000, 1],
] as const;
const PLANNED_CORES = [4, 8, 16];

/** A table makes its rows, prints them and says what goes into the JSON. */
type Maker = () => Promise<TableRow[] | WorkerTable>;

async function main(): Promise<void> {
  const options = benchOptions(
    "What a visit costs by workers, kind of input, visits, open sessions and length.",
    {
      tables: ["all", "some of the tables of bench/README.md"],
      visits: ["2000000", "visits of the table workers"],
      counts: [
        "500000,1000000,2000000,4000000,8000000,16000000",
        "visits, case by case, of the table visits",
      ],
      active: [
        "10000,100000,500000,1000000,2000000",
        "visitors, case by case, of the table open",
      ],
      workers: ["1,2,4,8,16", "case by case"],
      sizes: ["2000000,6000000", "visits of the smaller and larger run"],
      rounds: ["3", "repeats of each case by workers"],
      peer: [null, "the folder of another checkout, to run in turn"],
    },
  );
  const makers: Record<string, Maker> = {
    workers: printed("workers", () =>
      byWorkers(countOf("visits", options.visits)),
    ),
    visits: printed("visits", () =>
      byVisits(countsOf("counts", options.counts)),
    ),
    open: printed("open", () =>
      byOpenSessions(countsOf("active", options.active)),
    ),
    length: printed("length", async () =>
      LENGTHS.map(([pages, sessions]) => lengthRow(pages, sessions)),
    ),
    ...workerMakers(workerTableOptions(options)),
  };
  const all = Object.keys(makers);
  const names = options.tables === "all" ? all : options.tables.split(",");
  const stray = names.find((name) => !all.includes(name));
  if (stray !== undefined) {
    throw optionError("tables", stray, `some of ${all.join(", ")}`);
  }
  const tables: Record<string, TableRow[] | WorkerTable> = {};
  for (const name of names) tables[name] = await makers[name]!();
  const parts = Object.entries(tables).map(([name, table]) =>
    Array.isArray(table)
      ? samplesOfRows(name, table)
      : workerSamples(name, table),
  );
  const samples: Samples = Object.assign({}, ...parts);
  writeReport("scale", { options, tables }, { ...options, samples });
}

function printed(name: string, make: () => Promise<TableRow[]>): Maker {
  return async () => {
    const rows = await make();
    printTable(`By ${name}`, rows);
    return rows;
  };
}

/** What a visit costs with more and more workers, the start left out. */
function workerMakers(options: WorkerTableOptions): Record<string, Maker> {
  const makers = Object.entries(SCALE_CASES).map(([name, scaleCase]) => [
    name,
    async () => {
      const table = await workerTable(scaleCase, options);
      printTable(`By workers, ${scaleCase.title}, µs a visit`, table.rows);
      print("Visits/s for hosts of 4 to 32 cores are calculated:");
      print("what main alone bears, or the shards that have a core each,");
      print("whichever is less; the broker is elsewhere.");
      if (table.ratios.length > 0) printTable("Ours / peer", table.ratios);
      return table;
    },
  ]);
  return Object.fromEntries(makers);
}

/** Kafka to Kafka, and what its CPU seconds say of larger machines. */
async function byWorkers(visits: number): Promise<TableRow[]> {
  const broker = await startBroker();
  const rows: TableRow[] = [];
  try {
    await loadVisits(broker, "visits", ["--count", String(visits)]);
    for (let workers = 1; workers <= availableParallelism(); workers++) {
      const outTopic = await newTopic(broker, `sessions-${workers}`);
      const run = await runOurs(broker, {
        inTopic: "visits",
        outTopic,
        args: ["--workers", String(workers)],
      });
      rows.push(workerRow(workers, run.processor!));
    }
  } finally {
    await broker.stop();
  }
  print("Visits/s at N cores are planned from CPU seconds, not measured:");
  print("what main alone bears, or N - 1 shards, whichever is less.");
  return rows;
}

function workerRow(workers: number, figures: ProcessorFigures): TableRow {
  const { summary, cpuSeconds } = figures;
  const visits = summary.visitsIn;
  const mainLimit = visits / cpuSeconds.main;
  const shardLimit = visits / sum(cpuSeconds.shards);
  const plans = PLANNED_CORES.map((cores) => [
    `${cores} cores`,
    Math.min(mainLimit, (cores - 1) * shardLimit),
  ]);
  return {
    workers,
    "visits/s": summary.visitsPerSecond,
    "CPU s/M": (cpuSeconds.total / visits) * MEGA,
    "main CPU s/M": (cpuSeconds.main / visits) * MEGA,
    "shards CPU s/M": (sum(cpuSeconds.shards) / visits) * MEGA,
    "main alone": mainLimit,
    "one shard alone": shardLimit,
    ...Object.fromEntries(
      cpuSeconds.shards.map((s, i) => [`shard ${i}`, (s / visits) * MEGA]),
    ),
    ...Object.fromEntries(plans),
  };
}

async function byVisits(counts: readonly number[]): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for (const visits of counts) {
    const run = await generatorRun(visits, []);
    rows.push({ visits, ...costsOf(run) });
  }
  const base = rows.find(({ visits }) => visits === VISITS_BASE) ?? rows[0]!;
  return withRatios(rows, "without start", base);
}

/** The generator's visitors are the sessions that are open, and some more. */
async function byOpenSessions(actives: readonly number[]): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for (const active of actives) {
    const visits = Math.max(VISITS_MIN, VISITS_A_VISITOR * active);
    const run = await generatorRun(visits, ["--active", String(active)]);
    rows.push({ visitors: active, visits, ...costsOf(run) });
  }
  return withRatios(rows, "shards, µs a visit", rows[0]!);
}

/** The rows, each with how many times the base row's figure its own is. */
function withRatios(
  rows: readonly TableRow[],
  column: string,
  base: TableRow,
): TableRow[] {
  return rows.map((row) => ({
    ...row,
    [`times that of ${Object.values(base)[0]}`]:
      Number(row[column]) / Number(base[column]),
  }));
}

function generatorRun(
  visits: number,
  args: readonly string[],
): Promise<ProcessorFigures> {
  const from = ["--from", "generator", "--count", String(visits)];
  return runProcessor([...from, "--to", "null", ...args]);
}

function costsOf(figures: ProcessorFigures): TableRow {
  const { summary, cpuSeconds, peakRssBytes } = figures;
  const visits = summary.visitsIn;
  return {
    "visits/s": summary.visitsPerSecond,
    "CPU µs a visit": (cpuSeconds.total / visits) * MEGA,
    "without start": ((cpuSeconds.total - cpuSeconds.start) / visits) * MEGA,
    "shards, µs a visit": (sum(cpuSeconds.shards) / visits) * MEGA,
    "peak RSS MB": peakRssBytes / MEGA,
  };
}

/** The windows alone: sessions of so many pages, all open at once. */
function lengthRow(pages: number, sessions: number): TableRow {
  const figures = benchOpen(sessions, pages);
  return {
    pages,
    sessions,
    "build, µs a visit": figures["build (with load), µs a visit"]!,
    "fire, µs a visit": figures["fire, µs a visit"]!,
    "bytes a session": figures["bytes a session"]!,
    "times its strings": figures["times its strings"]!,
  };
}

await runBench(main);
