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
 * Creates topics on any broker and waits until all their partitions have
 * leaders. Throws a `WorldError` when they have none after 30 s.
 */
export async function createTopics(
  brokers: string,
  topics: NewTopic[],
): Promise<void> {
  const kafka = new Kafka({
    brokers: brokers.split(","),
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.createTopics({
      topics: topics.map(toKafkaTopic),
      // kafkajs gives up at once when a broker has not heard of a topic yet.
      waitForLeaders: false,
    });
    for (const topic of topics) await waitForLeaders(admin, topic);
  } finally {
    await admin.disconnect();
  }
}

function toKafkaTopic({ name, partitions, config = {} }: NewTopic) {
  const entries = Object.entries(config);
  const configEntries = entries.map(([key, value]) => ({ name: key, value }));
  return { topic: name, numPartitions: partitions, configEntries };
}

async function waitForLeaders(admin: Admin, topic: NewTopic): Promise<void> {
  const deadline = performance.now() + LEADER_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if ((await countLeaders(admin, topic.name)) === topic.partitions) return;
    await sleep(LEADER_POLL_MS);
  }
  const why = `no leaders after ${LEADER_TIMEOUT_MS / 1000} s`;
  throw new WorldError(`Cannot create topic "${topic.name}": ${why}`);
}

async function countLeaders(admin: Admin, name: string): Promise<number> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
    const partitions = topics[0]?.partitions ?? [];
    return partitions.filter(({ leader }) => leader >= 0).length;
  } catch {
    // The broker has not heard of the topic yet.
    return 0;
  }
}
