import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  Registry,
} from "prom-client";
import type { IngestCounts } from "./ingest_counts.ts";

const PREFIX = "sessionmill_ingest_";
const BUCKETS_S = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15,
];

/** Gauges of prom-client with the names of counters, which promtool refuses. */
const ILL_NAMED = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/** What is measured beside the counts. */
export interface IngestGauges {
  readonly waitingBytes: () => number;
  readonly connections: () => number;
  readonly isReady: () => boolean;
}

/** The metrics of an ingest, as Prometheus reads them. */
export class IngestMetrics {
  readonly #registry = new Registry();
  /** From a request's head to its answer, s: of those that were accepted. */
  readonly requestSeconds: Histogram;
  readonly #produceSeconds: Histogram;

  constructor(counts: IngestCounts, gauges: IngestGauges) {
    const registers = [this.#registry];
    this.requestSeconds = new Histogram({
      name: `${PREFIX}request_duration_seconds`,
      help: "Time from the head of a request to its answer 202",
      buckets: BUCKETS_S,
      registers,
    });
    this.#produceSeconds = new Histogram({
      name: `${PREFIX}produce_duration_seconds`,
      help: "Time from when a batch was sent until Kafka acknowledged it",
      buckets: BUCKETS_S,
      registers,
    });
    addCounters(counts, registers);
    addGauges(counts, gauges, registers);
    collectDefaultMetrics({ register: this.#registry });
    for (const name of ILL_NAMED) this.#registry.removeSingleMetric(name);
  }

  /** The type of `text`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  produced(ms: number): void {
    this.#produceSeconds.observe(ms / 1000);
  }

  async text(): Promise<string> {
    return await this.#registry.metrics();
  }
}

/** The counts are kept elsewhere, and are taken when somebody asks. */
function addCounters(counts: IngestCounts, registers: Registry[]): void {
  const counter = (
    name: string,
    help: string,
    read: (counter: Counter) => void,
    labelNames: string[] = [],
  ) =>
    new Counter({
      name: `${PREFIX}${name}`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        read(this);
      },
    });
  counter(
    "requests_total",
    "Requests by the status of their answer",
    (each) => {
      for (const [status, count] of counts.answers) {
        each.inc({ status: String(status) }, count);
      }
    },
    ["status"],
  );
  counter(
    "requests_gone_total",
    "Requests whose client went away before they were all there",
    (each) => each.inc(counts.gone),
  );
  counter(
    "visits_total",
    "Visits that Kafka acknowledged before their request was answered",
    (each) => each.inc(counts.accepted),
  );
  counter(
    "unconfirmed_visits_total",
    "Visits that Kafka did not acknowledge in time",
    (each) => each.inc(counts.unconfirmed),
  );
  counter(
    "rejected_visits_total",
    "What was sent as a visit and is none, by reason",
    (each) => {
      for (const [reason, count] of counts.rejectedByReason) {
        each.inc({ reason }, count);
      }
    },
    ["reason"],
  );
  counter("body_bytes_total", "Bytes of bodies, as they came", (each) =>
    each.inc(counts.bodyBytes),
  );
}

function addGauges(
  counts: IngestCounts,
  { waitingBytes, connections, isReady }: IngestGauges,
  registers: Registry[],
): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `${PREFIX}${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge(
    "in_flight_requests",
    "Requests that are being served",
    () => counts.inFlightRequests,
  );
  gauge(
    "waiting_bytes",
    "Bytes of bodies and records that Kafka has not acknowledged",
    waitingBytes,
  );
  gauge("connections", "Open connections of clients", connections);
  gauge("ready", "1 when visits are taken", () => (isReady() ? 1 : 0));
}
