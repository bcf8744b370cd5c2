import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaBroker } from "../../docker/local_kafka/kafka_broker.ts";
import type { KafkaRun, OurRunOptions } from "./kafka_runs.ts";
import { isAtEnd, OffsetWatch } from "./offset_watch.ts";
import { cpuSecondsOf } from "./process_clock.ts";
import { Processor } from "./processor.ts";

const MEGA = 1e6;
const POLL_MS = 10;
/** No session for so long: all are there. */
const SILENCE_MS = 1000;

/** How a backlog is drained, beside topics and options of the processor. */
export interface DrainOptions extends OurRunOptions {
  readonly guarantee: string;
}

/** When the last of a backlog was done, and what was used until then. */
interface DrainEnd {
  readonly atMs: number;
  readonly cpuSeconds: number;
  readonly brokerCpuSeconds: number;
}

/**
 * Drains what is in a topic by a run without an end, which is stopped when it is
 * through: all is committed or, without a guarantee, no more sessions come.
 */
export async function drainOurs(
  broker: KafkaBroker,
  options: DrainOptions,
): Promise<KafkaRun> {
  const { inTopic, outTopic, args, checkout, guarantee } = options;
  const group = `drain-${randomUUID()}`;
  const brokerBefore = cpuSecondsOf(broker.pid);
  const startedAtMs = performance.now();
  const processor = new Processor(
    [
      ...["--brokers", broker.brokers, "--group", group],
      ...["--from", `kafka:${inTopic}`, "--to", `kafka:${outTopic}`],
      ...["--guarantee", guarantee, ...args],
    ],
    checkout,
  );
  const drain = { broker, processor, inTopic, outTopic };
  const of = { group, topic: inTopic };
  const watch = await OffsetWatch.open(broker.brokers, of);
  try {
    const hasCommits = guarantee !== "none";
    const end = await (hasCommits ? lastCommit : lastSession)(drain, watch);
    processor.stop();
    const figures = await processor.figures();
    const { summary, peakRssBytes } = figures;
    const visits = summary.visitsIn;
    const wallSeconds = (end.atMs - startedAtMs) / 1000;
    const drainSeconds = (end.atMs - figures.beganAtMs) / 1000;
    const perMillion = (seconds: number) => (seconds / visits) * MEGA;
    return {
      system: `${checkout ?? "sessionmill"} ${guarantee}`,
      visits,
      visitsPerSecond: visits / drainSeconds,
      wholeProcessVisitsPerSecond: visits / wallSeconds,
      cpuSecondsPerMillion: perMillion(end.cpuSeconds),
      brokerCpuSecondsPerMillion: perMillion(
        end.brokerCpuSeconds - brokerBefore,
      ),
      peakRssMegabytes: peakRssBytes / MEGA,
      processor: figures,
    };
  } finally {
    processor.child.kill("SIGKILL");
    await watch.close();
  }
}

interface Drain {
  readonly broker: KafkaBroker;
  readonly processor: Processor;
  readonly inTopic: string;
  readonly outTopic: string;
}

function endNow({ broker, processor }: Drain): DrainEnd {
  return {
    atMs: performance.now(),
    cpuSeconds: cpuSecondsOf(processor.child.pid!),
    brokerCpuSeconds: cpuSecondsOf(broker.pid),
  };
}

/** Resolves to when all was committed. */
async function lastCommit(drain: Drain, watch: OffsetWatch): Promise<DrainEnd> {
  const ends = await watch.endsOf(drain.inTopic);
  await watch.until((at) => isAtEnd(at, ends), drain.processor.figures());
  return endNow(drain);
}

/** Resolves to when the last session came, once none comes any more. */
async function lastSession(
  drain: Drain,
  watch: OffsetWatch,
): Promise<DrainEnd> {
  const endsNow = async () =>
    JSON.stringify([...(await watch.endsOf(drain.outTopic))]);
  let before = await endsNow();
  let end: DrainEnd | null = null;
  while (end === null || performance.now() - end.atMs < SILENCE_MS) {
    const now = await endsNow();
    if (now !== before) end = endNow(drain);
    before = now;
    await sleep(POLL_MS);
  }
  return end;
}
