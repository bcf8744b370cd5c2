import { setTimeout as sleep } from "node:timers/promises";
import { type Admin, Kafka, logLevel } from "kafkajs";
import { WorldError } from "../../src/errors.ts";

const LEADER_POLL_MS = 10;
const LEADER_TIMEOUT_MS = 30_000;

/** How a topic is made; `config` holds topic settings by name. */
export interface TopicOptions {
  partitions: number;
  config?: Record<string, string>;
}

/** A topic to be made. */
export interface NewTopic extends TopicOptions {
  name: string;
}

/**
 * Creates topics on any broker and waits until the leaders of all partitions
 * serve them. Throws a `WorldError` when they do not after 30 s.
 */
export async function createTopics(
  brokers: string,
  topics: NewTopic[],
): Promise<void> {
  const kafka = new Kafka({
    brokers: brokers.split(","),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: LEADER_POLL_MS, retries: 10 },
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.createTopics({
      topics: topics.map(toKafkaTopic),
      // kafkajs gives up at once when a broker has not heard of a topic yet.
      waitForLeaders: false,
    });
    for (const topic of topics) await waitUntilServed(admin, topic);
  } finally {
    await admin.disconnect();
  }
}

function toKafkaTopic({ name, partitions, config = {} }: NewTopic) {
  const entries = Object.entries(config);
  const configEntries = entries.map(([key, value]) => ({ name: key, value }));
  return { topic: name, numPartitions: partitions, configEntries };
}

async function waitUntilServed(admin: Admin, topic: NewTopic): Promise<void> {
  const deadline = performance.now() + LEADER_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if ((await countServed(admin, topic.name)) === topic.partitions) return;
    await sleep(LEADER_POLL_MS);
  }
  const why = `not served after ${LEADER_TIMEOUT_MS / 1000} s`;
  throw new WorldError(`Cannot create topic "${topic.name}": ${why}`);
}

/**
 * So many partitions give their offsets. Metadata do not tell: they name leaders
 * that do not know of it yet, one after the other. Who writes then with kafkajs
 * has records twice, for one refused partition makes it send all again.
 */
async function countServed(admin: Admin, name: string): Promise<number> {
  try {
    return (await admin.fetchTopicOffsets(name)).length;
  } catch {
    return 0;
  }
}
