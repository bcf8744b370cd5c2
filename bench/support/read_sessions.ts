import type { EachBatchPayload } from "kafkajs";
import type { KafkaConfig } from "../../src/config/config.ts";
import { createKafka } from "../../src/kafka/client.ts";

/** A session as it stands in its topic. */
export interface StoredSession {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The record's timestamp: of its append, where the topic says so. */
  readonly timestampMs: number;
}

/**
 * Hands over everything that is in a topic now, with the stock consumer: no
 * code of the source that is measured has a say.
 */
export async function readSessions(
  brokers: string,
  topic: string,
  take: (session: StoredSession) => void,
): Promise<void> {
  const kafka = createKafka(configOf(brokers));
  const groupId = `reader-of-${topic}-${process.pid}-${performance.now()}`;
  const consumer = kafka.consumer({ groupId, maxBytesPerPartition: 1 << 22 });
  await consumer.connect();
  try {
    const ends = await endOffsets(brokers, topic);
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const done = () => [...ends].every(([, left]) => left <= 0) && resolve();
      done();
      // A coordinator that is still loading is no failure: kafkajs tries again.
      consumer.on("consumer.crash", ({ payload }) => {
        if (!payload.restart) reject(payload.error);
      });
      const eachBatch = async ({ batch }: EachBatchPayload) => {
        for (const message of batch.messages) take(sessionOf(message));
        const end = ends.get(batch.partition);
        if (end !== undefined && Number(batch.lastOffset()) + 1 >= end) {
          ends.set(batch.partition, 0);
        }
        done();
      };
      consumer.run({ eachBatch, autoCommit: false }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
}

/** Where each partition of a topic ends now. */
export async function endOffsets(
  brokers: string,
  topic: string,
): Promise<Map<number, number>> {
  const admin = createKafka(configOf(brokers)).admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(offsets.map((at) => [at.partition, Number(at.high)]));
  } finally {
    await admin.disconnect();
  }
}

function sessionOf(
  message: EachBatchPayload["batch"]["messages"][number],
): StoredSession {
  const headers = Object.entries(message.headers ?? {});
  return {
    key: String(message.key),
    value: String(message.value),
    headers: Object.fromEntries(headers.map(([k, v]) => [k, String(v)])),
    timestampMs: Number(message.timestamp),
  };
}

/** The settings with which benches reach their broker. */
export function configOf(brokers: string): KafkaConfig {
  return {
    brokers: brokers.split(","),
    group: "bench",
    createTopics: false,
    security: {},
  };
}
