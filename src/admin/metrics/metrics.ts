import { Counter, Gauge, type Metric, Registry } from "prom-client";
import type { LatencyDelta, LatencyName } from "../../observe/run_view.ts";
import type { Samples } from "../samples.ts";
import { CountedHistogram } from "./counted_histogram.ts";
import type { Meter, MeterInput } from "./meter.ts";
import {
  CHECKPOINT_METERS,
  PARTITION_METERS,
  SHARD_METERS,
} from "./part_meters.ts";
import { PROCESS_METERS, RUN_METERS } from "./run_meters.ts";

const METERS: readonly Meter[] = [
  ...RUN_METERS,
  ...PARTITION_METERS,
  ...SHARD_METERS,
  ...CHECKPOINT_METERS,
  ...PROCESS_METERS,
];

const LATENCIES: Readonly<Record<LatencyName, [name: string, help: string]>> = {
  queueing: [
    "queueing",
    "From the fetch of a visit to the task that takes it to its shard.",
  ],
  processing: [
    "processing",
    "From the fetch of a visit to when it is applied.",
  ],
  acknowledging: [
    "acknowledging",
    "From the report of a session to the acknowledgement of the sink.",
  ],
  closing: [
    "closing",
    "From the fetch of the visit that moved the watermark past a session's end to the acknowledgement of the sink.",
  ],
  visibility: [
    "visibility",
    "From the same fetch to the end of the transaction: when readers see the session.",
  ],
  commit: ["checkpoint", "From a barrier to the end of its transaction."],
  pause: ["checkpoint_pause", "From a barrier to the answers of all shards."],
  restore: [
    "restore",
    "From an assignment to the last open session that came back.",
  ],
};

/** All meters of a run in Prometheus' text format. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #samples: Samples;
  readonly #latencies = new Map<LatencyName, CountedHistogram>();
  #input: MeterInput | null = null;

  constructor(samples: Samples) {
    this.#samples = samples;
    samples.onLatencies((deltas) => this.#add(deltas));
    for (const meter of METERS) this.#register(meter);
  }

  /** The media type of the text. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Throws a `Refusal` while the run cannot be asked. */
  async text(): Promise<string> {
    const { state } = await this.#samples.fresh();
    await this.#samples.latencies();
    this.#input = { state, history: this.#samples.history };
    return await this.#registry.metrics();
  }

  #register({ name, help, kind, labels, read }: Meter): void {
    const readings = () =>
      this.#input === null
        ? []
        : read(this.#input).filter(([, value]) => Number.isFinite(value));
    const settings = {
      name,
      help,
      labelNames: labels,
      registers: [this.#registry],
    };
    // What has no value now is left out: a reset makes it 0 where it has no labels.
    if (kind === "gauge") {
      new Gauge({
        ...settings,
        collect() {
          this.reset();
          if (labels.length === 0) this.remove();
          for (const [values, value] of readings()) this.set(values, value!);
        },
      });
      return;
    }
    new Counter({
      ...settings,
      collect() {
        this.reset();
        if (labels.length === 0) this.remove();
        for (const [values, value] of readings()) this.inc(values, value!);
      },
    });
  }

  #add(deltas: readonly LatencyDelta[]): void {
    for (const { name, counts } of deltas) this.#latency(name).add(counts);
  }

  #latency(name: LatencyName): CountedHistogram {
    let histogram = this.#latencies.get(name);
    if (histogram === undefined) {
      const [base, help] = LATENCIES[name];
      histogram = new CountedHistogram(`sessionmill_${base}_seconds`, help);
      this.#latencies.set(name, histogram);
      // The registry asks for no more than `get`.
      this.#registry.registerMetric(histogram as unknown as Metric);
    }
    return histogram;
  }
}
