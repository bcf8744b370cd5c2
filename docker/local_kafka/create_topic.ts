import { setTimeout as sleep } from "node:timers/promises";
import { type Admin, Kafka, logLevel } from "kafkajs";
import { WorldError } from "../../src/errors.ts";

const POLL_MS = 10;
const TIMEOUT_MS = 30_000;

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
 * serve them; before, until nobody lists topics of these names that were deleted.
 * Throws a `WorldError` for what has not come about after 30 s.
 */
export async function createTopics(
  brokers: string,
  topics: NewTopic[],
): Promise<void> {
  const kafka = new Kafka({
    brokers: brokers.split(","),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: POLL_MS, retries: 10 },
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    for (const { name } of topics) await waitUntilGone(admin, name);
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

/**
 * Waits until a topic that was deleted is gone. A broker that has not heard of
 * it yet serves the old one, even when the new one has been made: it takes what
 * is written to the name, and deletes it with the old log.
 */
async function waitUntilGone(admin: Admin, name: string): Promise<void> {
  const isGone = async () => !(await admin.listTopics()).includes(name);
  await waitUntil(name, isGone, "there is one of this name");
}

async function waitUntilServed(admin: Admin, topic: NewTopic): Promise<void> {
  const isServed = async () =>
    (await countServed(admin, topic.name)) === topic.partitions;
  await waitUntil(topic.name, isServed, "it is not served");
}

/** Waits for what is to be; throws that it `still` is not after 30 s. */
async function waitUntil(
  name: string,
  isSo: () => Promise<boolean>,
  still: string,
): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (await isSo()) return;
    await sleep(POLL_MS);
  }
  const seconds = TIMEOUT_MS / 1000;
  throw new WorldError(
    `Cannot create topic "${name}": ${still} after ${seconds} s`,
  );
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
