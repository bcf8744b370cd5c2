import { fileURLToPath } from "node:url";
import type { Request } from "autocannon";
import type { KafkaBroker } from "../docker/local_kafka/kafka_broker.ts";
import { VisitWriter } from "../src/generate/visit_writer.ts";
import { newTopic, startBroker } from "./support/bench_broker.ts";
import {
  benchOptions,
  countOf,
  countsOf,
  runBench,
} from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import { builtProcessor } from "./support/built_processor.ts";
import { type HttpFigures, runHttpLoad } from "./support/http_load.ts";
import {
  type HttpRow,
  ingestSamples,
  reportHttp,
  reportLookUps,
} from "./support/http_report.ts";
import { measureLookUps } from "./support/look_ups.ts";
import { OffsetWatch } from "./support/offset_watch.ts";
import { ServerProcess } from "./support/server_process.ts";
import { sum } from "./support/statistics.ts";
import { print } from "./support/table.ts";

// The HTTP sides, on one machine with their client and the broker: `ingest`, and
// look-ups of open sessions while the processor is busy.

const EMPTY_SERVER = fileURLToPath(
  new URL("./support/empty_server.ts", import.meta.url),
);
const START_SECONDS = Date.UTC(2024, 5, 1) / 1000;
/** Requests with bodies of their own. */
const BODIES = 200;
const VISIT_BYTES = 2_048;

interface Plan {
  readonly connections: readonly number[];
  readonly visits: readonly number[];
  /** Requests a second of single visits; for batches a tenth of them. */
  readonly rates: readonly number[];
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly profile: string | null;
}

async function main(): Promise<void> {
  const options = benchOptions(
    "HTTP: ingest against an empty server, and look-ups while the processor is busy.",
    {
      connections: ["1,16,64,256", "case by case"],
      visits: ["1,100", "visits a request, case by case"],
      rates: ["500,2000", "requests a second, for batches a tenth of them"],
      seconds: ["8", "how long each case is measured"],
      "warm-up": ["4", "seconds before that, which do not count"],
      "look-ups": ["2000", "a second"],
      profile: [null, "a folder for CPU profiles"],
    },
  );
  const plan: Plan = {
    connections: countsOf("connections", options.connections),
    visits: countsOf("visits", options.visits),
    rates: countsOf("rates", options.rates),
    seconds: countOf("seconds", options.seconds),
    warmUpSeconds: countOf("warm-up", options["warm-up"]),
    profile: options.profile,
  };
  const broker = await startBroker();
  try {
    const rows = await measureIngest(broker, plan);
    reportHttp(rows);
    const lookUps = await measureLookUps(broker, {
      ...plan,
      rate: countOf("look-ups", options["look-ups"]),
    });
    reportLookUps(lookUps);
    const samples = ingestSamples(rows);
    writeReport("http", { ingest: rows, lookUps }, { ...options, samples });
  } finally {
    await broker.stop();
  }
}

/** Each load on the ingest, and on an empty server beside it. */
async function measureIngest(
  broker: KafkaBroker,
  plan: Plan,
): Promise<HttpRow[]> {
  const topic = await newTopic(broker, "http-visits");
  const ingest = await startIngest(broker, { topic, profile: plan.profile });
  const empty = await ServerProcess.start([EMPTY_SERVER], /at (http\S+)\n/);
  const watch = await OffsetWatch.open(broker.brokers, { group: "", topic });
  const rows: HttpRow[] = [];
  try {
    for (const load of loadsOf(plan)) {
      const { visits, rate, connections } = load;
      const name = rate === null ? "full speed" : `${rate} requests/s`;
      print(`${visits} visits a request, ${connections} connections, ${name}`);
      const requests = ingestRequests(visits);
      const both = { ...plan, ...load, requests };
      const baseline = await runHttpLoad({ ...both, ...at(empty) });
      const before = await recordsIn(watch, topic);
      const figures = await runHttpLoad({ ...both, ...at(ingest) });
      const inTopic = (await recordsIn(watch, topic)) - before;
      assertAllThere(figures, { visits, inTopic });
      rows.push({ ...load, figures, baseline, inTopic });
    }
  } finally {
    await watch.close();
    await empty.stop();
    print(await ingest.stop());
  }
  return rows;
}

function* loadsOf({ visits, connections, rates }: Plan) {
  for (const each of visits) {
    for (const count of connections) {
      // A rate that its connections cannot send says nothing.
      const scaled = rates.map((rate) => Math.ceil(rate / (each > 1 ? 10 : 1)));
      for (const rate of [...scaled, null]) {
        yield { visits: each, connections: count, rate };
      }
    }
  }
}

async function startIngest(
  broker: KafkaBroker,
  { topic, profile }: { topic: string; profile: string | null },
): Promise<ServerProcess> {
  const flags =
    profile === null ? [] : ["--cpu-prof", "--cpu-prof-dir", profile];
  return await ServerProcess.start(
    [
      ...flags,
      ...[builtProcessor().main, "ingest", "--brokers", broker.brokers],
      ...["--to", `kafka:${topic}`, "--listen", "127.0.0.1:0"],
    ],
    /taking visits at (\S+)\/visits/,
  );
}

function at({ url, pid }: ServerProcess) {
  return { url, pid };
}

async function recordsIn(watch: OffsetWatch, topic: string): Promise<number> {
  return sum([...(await watch.endsOf(topic)).values()]);
}

/** Every visit that was answered 202 is in the topic, and no other one. */
function assertAllThere(
  { statuses, errors }: HttpFigures,
  { visits, inTopic }: { visits: number; inTopic: number },
): void {
  const accepted = (statuses[202] ?? 0) * visits;
  if (accepted === inTopic && errors === 0) return;
  throw new Error(
    `Cannot trust ingest: ${accepted} visits were accepted and ${inTopic} are in the topic, ${errors} errors, ${JSON.stringify(statuses)}`,
  );
}

function ingestRequests(visits: number): Request[] {
  const writer = new VisitWriter(1, START_SECONDS * 1000);
  const bytes = Buffer.alloc(VISIT_BYTES);
  const visit = (serial: number) => {
    const eventSeconds = START_SECONDS + serial;
    const page = serial % 40;
    const length = writer.write(bytes, 0, { serial, eventSeconds, page });
    return bytes.toString("utf8", 0, length);
  };
  return Array.from({ length: BODIES }, (_, index) => {
    const list = Array.from({ length: visits }, (_, i) =>
      visit(index * visits + i),
    );
    const body = visits === 1 ? list[0]! : `[${list.join(",")}]`;
    const headers = { "content-type": "application/json" };
    return { method: "POST", path: "/visits", headers, body };
  });
}

await runBench(main);
