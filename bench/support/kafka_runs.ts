import type { KafkaBroker } from "../../docker/local_kafka/kafka_broker.ts";
import { type Peer, runPeer } from "../peers/peers.ts";
import { cpuSecondsOf } from "./process_clock.ts";
import { type ProcessorFigures, runProcessor } from "./processor.ts";
import type { TableRow } from "./table.ts";

const MEGA = 1e6;

/** Another checkout of this project, such as the commit before. */
export interface Checkout {
  readonly folder: string;
}

/** One bounded run from topic to topic, of ours or of a peer. */
export interface KafkaRun {
  readonly system: string;
  readonly visits: number;
  /** From the first visit to the last acknowledged session. */
  readonly visitsPerSecond: number;
  /** The start and the end of the process included. */
  readonly wholeProcessVisitsPerSecond: number;
  readonly cpuSecondsPerMillion: number;
  readonly brokerCpuSecondsPerMillion: number;
  readonly peakRssMegabytes: number;
  /** What only ours tells. */
  readonly processor: ProcessorFigures | null;
}

/** From where to where a run goes. */
export interface KafkaRunOptions {
  readonly inTopic: string;
  readonly outTopic: string;
}

/** How our processor is run, beside its topics. */
export interface OurRunOptions extends KafkaRunOptions {
  /** More options of the processor. */
  readonly args: readonly string[];
  /** Folder of another checkout, whose processor runs. */
  readonly checkout?: string;
}

/** Runs the processor over all of a topic. */
export async function runOurs(
  broker: KafkaBroker,
  options: OurRunOptions,
): Promise<KafkaRun> {
  const { inTopic, outTopic, args, checkout } = options;
  const brokerBefore = cpuSecondsOf(broker.pid);
  const places = ["--from", `kafka:${inTopic}`, "--to", `kafka:${outTopic}`];
  const processor = await runProcessor(
    ["--brokers", broker.brokers, "--bounded", ...places, ...args],
    checkout,
  );
  const { summary, wallSeconds, cpuSeconds, peakRssBytes } = processor;
  const visits = summary.visitsIn;
  const brokerCpu = cpuSecondsOf(broker.pid) - brokerBefore;
  return {
    system: checkout ?? "sessionmill",
    visits,
    visitsPerSecond: summary.visitsPerSecond,
    wholeProcessVisitsPerSecond: visits / wallSeconds,
    cpuSecondsPerMillion: (cpuSeconds.total / visits) * MEGA,
    brokerCpuSecondsPerMillion: (brokerCpu / visits) * MEGA,
    peakRssMegabytes: peakRssBytes / MEGA,
    processor,
  };
}

/** Runs a peer, or another checkout of ours, over all of a topic. */
export async function runTheirs(
  peer: Peer | Checkout,
  broker: KafkaBroker,
  options: OurRunOptions & { readonly guarantee: string },
): Promise<KafkaRun> {
  if (typeof peer !== "string") {
    return await runOurs(broker, { ...options, checkout: peer.folder });
  }
  const brokerBefore = cpuSecondsOf(broker.pid);
  const startedAtMs = performance.now();
  const { inTopic, outTopic, guarantee } = options;
  const { brokers } = broker;
  const topics = { brokers, inTopic, outTopic };
  const result = await runPeer(peer, { ...topics, guarantee });
  const wholeSeconds = (performance.now() - startedAtMs) / 1000;
  const brokerCpu = cpuSecondsOf(broker.pid) - brokerBefore;
  const { visits } = result;
  return {
    system: peer,
    visits,
    visitsPerSecond: visits / result.wallSeconds,
    wholeProcessVisitsPerSecond: visits / wholeSeconds,
    cpuSecondsPerMillion: (result.cpuSeconds / visits) * MEGA,
    brokerCpuSecondsPerMillion: (brokerCpu / visits) * MEGA,
    peakRssMegabytes: result.peakRssBytes / MEGA,
    processor: null,
  };
}

/** A run as a row of a table. */
export function runRow(run: KafkaRun): TableRow {
  return {
    system: run.system,
    "visits/s": run.visitsPerSecond,
    "with start and end": run.wholeProcessVisitsPerSecond,
    "CPU s/M": run.cpuSecondsPerMillion,
    "broker CPU s/M": run.brokerCpuSecondsPerMillion,
    "peak RSS MB": run.peakRssMegabytes,
  };
}
