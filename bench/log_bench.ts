import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaBroker } from "../docker/local_kafka/kafka_broker.ts";
import { newTopic, startBroker } from "./support/bench_broker.ts";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import { builtProcessor } from "./support/built_processor.ts";
import { samplesOf } from "./support/compare_reports.ts";
import { MixedSessions } from "./support/mixed_sessions.ts";
import { ServerProcess } from "./support/server_process.ts";
import { print, printTable, type TableRow } from "./support/table.ts";

// The window log over time, with sessions of very different length: some are over
// with one visit, some never end. What the log holds from where a restore would
// begin is held against what open sessions need of it.

const MEGA = 1e6;
/** The bound that DURABILITY asks for: so many times the live bytes, and so much more. */
const BOUND_TIMES = 2.5;
const BOUND_BYTES = 64 * MEGA;
const LOOK_MS = 1_000;
const TELL_MS = 60_000;

/** One look at the job. */
interface LogSample {
  readonly seconds: number;
  readonly visits: number;
  readonly openSessions: number;
  readonly commits: number;
  readonly deltaBytes: number;
  readonly logBytes: number;
  readonly liveBytes: number;
}

async function main(): Promise<void> {
  const options = benchOptions(
    "The window log of an exactly-once run over time: its bytes against those of open sessions.",
    {
      minutes: ["20", "how long"],
      rate: ["10000", "visits a second"],
      gap: ["30s", "of the sessions"],
      workers: ["2", "of the processor"],
    },
  );
  const minutes = countOf("minutes", options.minutes);
  const rate = countOf("rate", options.rate);
  const broker = await startBroker();
  const samples: LogSample[] = [];
  try {
    const job = await startJob(broker, options);
    const load = await MixedSessions.start(broker.brokers, {
      ...{ topic: "visits", ratePerSecond: rate },
    });
    try {
      await watch(job, { minutes, samples });
    } finally {
      await load.stop();
      await job.stop();
    }
  } finally {
    await broker.stop();
  }
  const rows = [rowOf(samples)];
  printTable("The window log", rows);
  const all = { ...options, samples: samplesOf("log", rows) };
  writeReport("log", { minutes, rate, rows, looks: samples }, all);
}

async function startJob(
  broker: KafkaBroker,
  { gap, workers }: { readonly gap: string; readonly workers: string },
): Promise<ServerProcess> {
  for (const name of ["visits", "sessions"]) await newTopic(broker, name);
  return await ServerProcess.start(
    [
      ...[builtProcessor().main, "run", "--brokers", broker.brokers],
      ...["--from", "kafka:visits", "--to", "kafka:sessions"],
      ...["--gap", gap, "--out-of-orderness", "2s", "--allowed-lateness", "5s"],
      ...["--group", "log", "--create-topics", "--workers", workers],
      ...["--admin", "127.0.0.1:0"],
    ],
    /admin server at (http\S+)\n/,
  );
}

async function watch(
  job: ServerProcess,
  { minutes, samples }: { minutes: number; samples: LogSample[] },
): Promise<void> {
  const startMs = performance.now();
  let toldMs = startMs;
  while (performance.now() - startMs < minutes * 60_000) {
    await sleep(LOOK_MS);
    const seconds = (performance.now() - startMs) / 1000;
    const sample = await look(job, seconds);
    if (sample === null) continue;
    samples.push(sample);
    if (performance.now() - toldMs < TELL_MS) continue;
    toldMs = performance.now();
    print(lineOf(sample));
  }
}

/** Null before the first commit. */
async function look(
  job: ServerProcess,
  seconds: number,
): Promise<LogSample | null> {
  const response = await fetch(`${job.url}/state`);
  // biome-ignore lint/suspicious/noExplicitAny: the answer of our own server
  const { progress, durability } = (await response.json()) as any;
  if (!durability?.commits) return null;
  const { commits, deltaBytes, logBytes, liveBytes } = durability;
  const { visitsIn: visits, openSessions } = progress;
  const bytes = { deltaBytes, logBytes, liveBytes };
  return { seconds, visits, openSessions, commits, ...bytes };
}

/** Log bytes by the bound: 1 is as many as there may be. */
function shareOfBound({ logBytes, liveBytes }: LogSample): number {
  return logBytes / (BOUND_TIMES * liveBytes + BOUND_BYTES);
}

function lineOf(sample: LogSample): string {
  const { seconds, visits, openSessions, logBytes, liveBytes } = sample;
  const log = `log ${(logBytes / MEGA).toFixed(1)} MB`;
  const live = `${(liveBytes / MEGA).toFixed(1)} MB of it live`;
  const share = `${(100 * shareOfBound(sample)).toFixed(0)} % of the bound`;
  return `${Math.round(seconds)} s: ${visits} visits, ${openSessions} open, ${log}, ${live}, ${share}`;
}

function rowOf(samples: readonly LogSample[]): TableRow {
  const last = samples.at(-1);
  if (last === undefined) throw new Error("Cannot measure log: no commits");
  const most = (figure: (sample: LogSample) => number) =>
    Math.max(...samples.map(figure));
  return {
    visits: last.visits,
    commits: last.commits,
    "open sessions": last.openSessions,
    "written, bytes a visit": last.deltaBytes / last.visits,
    "most log, MB": most(({ logBytes }) => logBytes) / MEGA,
    "most live, MB": most(({ liveBytes }) => liveBytes) / MEGA,
    "most of the bound, %": 100 * most(shareOfBound),
  };
}

await runBench(main);
