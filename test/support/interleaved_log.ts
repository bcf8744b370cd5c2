import { randomUUID } from "node:crypto";
import { after } from "node:test";
import { Kafka, logLevel, type Producer } from "kafkajs";

/** A producer of transactions, for the time of this file. */
export async function transactional(brokers: string): Promise<Producer> {
  const kafka = new Kafka({
    brokers: brokers.split(","),
    logLevel: logLevel.NOTHING,
    // A transaction begun right after another one meets its end.
    retry: { initialRetryTime: 10, retries: 20 },
  });
  const producer = kafka.producer({
    transactionalId: randomUUID(),
    maxInFlightRequests: 1,
    idempotent: true,
  });
  await producer.connect();
  after(() => producer.disconnect());
  return producer;
}

/** Names the records of `[base, base + count)`. */
export function namedRecords(
  partition: number,
  base: number,
  count: number,
): string[] {
  return Array.from({ length: count }, (_, at) => `${partition} ${base + at}`);
}

/**
 * Transactions of two producers that overlap, each over two partitions; every
 * third one is aborted. Names the records that are committed.
 */
export async function writeInterleaved(
  brokers: string,
  topic: string,
  { rounds, valueBytes }: { rounds: number; valueBytes: number },
): Promise<string[]> {
  const producers = [
    await transactional(brokers),
    await transactional(brokers),
  ];
  const committed: string[] = [];
  const value = "v".repeat(valueBytes);
  for (let round = 0; round < rounds; round++) {
    const open = await Promise.all(producers.map((each) => each.transaction()));
    for (const [index, transaction] of open.entries()) {
      const count = 1 + ((round + index) % 4);
      const messages = [0, 1].flatMap((partition) =>
        Array.from({ length: count }, () => ({ partition, value })),
      );
      const sent = await transaction.send({ topic, messages });
      if ((round + index) % 3 === 0) continue;
      for (const { partition, baseOffset } of sent) {
        committed.push(...namedRecords(partition, Number(baseOffset), count));
      }
    }
    for (const [index, transaction] of open.entries()) {
      if ((round + index) % 3 === 0) await transaction.abort();
      else await transaction.commit();
    }
  }
  return committed;
}
