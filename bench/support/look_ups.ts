import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaBroker } from "../../docker/local_kafka/kafka_broker.ts";
import { newTopic } from "./bench_broker.ts";
import { builtProcessor } from "./built_processor.ts";
import { type HttpFigures, runHttpLoad } from "./http_load.ts";
import { cpuSecondsOf } from "./process_clock.ts";
import { ServerProcess } from "./server_process.ts";
import { print } from "./table.ts";

/** Visits a second that keep the processor busy. */
const VISITS_PER_SECOND = 20_000;
const CONNECTIONS = [16, 64];
const IDS_MAX = 1_000;
const SETTLE_MS = 5_000;

/** What the admin server says of one of the latencies. */
interface RunLatency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One load of look-ups, or none, beside a run. */
export interface LookUpRow {
  readonly connections: number;
  /** Look-ups a second that were due; null at full speed. */
  readonly rate: number | null;
  /** Null where there were none. */
  readonly figures: HttpFigures | null;
  /** What the run's process used, admin server and all. */
  readonly cores: number;
  readonly visitsPerSecond: number;
  /** What the run says of itself over that time. */
  readonly run: Readonly<Record<"processing" | "closing", RunLatency>>;
}

/** How look-ups are measured. */
export interface LookUpPlan {
  readonly rate: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/** Looks open sessions of a busy run up: none, at a rate, at full speed. */
export async function measureLookUps(
  broker: KafkaBroker,
  plan: LookUpPlan,
): Promise<LookUpRow[]> {
  const { main } = builtProcessor();
  const kafka = ["--brokers", broker.brokers];
  const visits = `kafka:${await newTopic(broker, "look-up-visits")}`;
  const sessions = `kafka:${await newTopic(broker, "look-up-sessions")}`;
  const run = await ServerProcess.start(
    [
      ...[main, "run", ...kafka, "--from", visits, "--to", sessions],
      ...["--guarantee", "none", "--admin", "127.0.0.1:0"],
    ],
    /admin server at (http\S+)/,
  );
  const rate = String(VISITS_PER_SECOND);
  const generator = spawn(
    process.execPath,
    [main, "generate", ...kafka, "--to", visits, "--rate", rate],
    { stdio: "ignore" },
  );
  try {
    await sleep(SETTLE_MS);
    const rows = [await measureAlone(run, plan)];
    for (const load of loadsOf(plan)) {
      rows.push(await measureWith(run, { ...plan, ...load }));
    }
    return rows;
  } finally {
    generator.kill("SIGTERM");
    await run.stop();
  }
}

function* loadsOf({ rate }: LookUpPlan) {
  for (const connections of CONNECTIONS) yield { connections, rate };
  for (const connections of CONNECTIONS) yield { connections, rate: null };
}

async function measureAlone(
  { url, pid }: ServerProcess,
  { seconds }: LookUpPlan,
): Promise<LookUpRow> {
  print("no look-ups");
  const cpuBefore = cpuSecondsOf(pid);
  const { visitsPerSecond, run } = await watched(url, () =>
    sleep(seconds * 1000),
  );
  const cores = (cpuSecondsOf(pid) - cpuBefore) / seconds;
  const none = { connections: 0, rate: null, figures: null };
  return { ...none, cores, visitsPerSecond, run };
}

async function measureWith(
  { url, pid }: ServerProcess,
  load: Omit<LookUpPlan, "rate"> & {
    readonly rate: number | null;
    readonly connections: number;
  },
): Promise<LookUpRow> {
  const { connections, rate } = load;
  const name = rate === null ? "at full speed" : `${rate} a second`;
  print(`look-ups, ${name}, ${connections} connections`);
  const requests = (await openIds(url)).map((id) => ({
    method: "GET",
    path: `/sessions/${encodeURIComponent(id)}`,
  }));
  const { value, visitsPerSecond, run } = await watched(url, () =>
    runHttpLoad({ ...load, url, pid, requests }),
  );
  const { cores } = value;
  return { connections, rate, figures: value, cores, visitsPerSecond, run };
}

/** What the run says of itself over the time of some work. */
async function watched<T>(url: string, work: () => Promise<T>) {
  await fetch(`${url}/latency/reset`, { method: "POST" });
  const beganAtMs = performance.now();
  const before = await get<RunStateForm>(url, "/state");
  const value = await work();
  const after = await get<RunStateForm>(url, "/state");
  const seconds = (performance.now() - beganAtMs) / 1000;
  const of = (name: string) =>
    get<RunLatency>(url, `/latency?name=${name}&span=reset`);
  return {
    value,
    visitsPerSecond:
      (after.progress.visitsIn - before.progress.visitsIn) / seconds,
    run: { processing: await of("processing"), closing: await of("closing") },
  };
}

interface RunStateForm {
  readonly progress: { readonly visitsIn: number };
}

async function openIds(url: string): Promise<string[]> {
  const path = `/sessions?order=latest&limit=${IDS_MAX}`;
  const { sessions } = await get<{ sessions: { visitId: string }[] }>(
    url,
    path,
  );
  return sessions.map(({ visitId }) => visitId);
}

async function get<T>(url: string, path: string): Promise<T> {
  const answer = await fetch(`${url}${path}`);
  if (answer.ok) return (await answer.json()) as T;
  throw new Error(`Cannot measure look-ups: ${path} gave ${answer.status}`);
}
