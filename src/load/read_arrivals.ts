import type { Consumer, EachBatchPayload } from "kafkajs";
import { wallClockMs } from "../clock.ts";
import { messageOf } from "../errors.ts";
import { createKafka } from "../kafka/client.ts";
import type { ReaderMessage, ReaderThreadData } from "./session_arrival.ts";

/**
 * The longest wait of a fetch for sessions, ms: its end is waited for when the
 * reading ends, and a load that is told to stop should do so soon.
 */
const FETCH_WAIT_MS = 500;

/** Takes what there is to say; `transfer` moves memory to the other thread. */
export type Post = (
  message: ReaderMessage,
  transfer?: readonly ArrayBuffer[],
) => void;

/**
 * Reads the sessions of a topic as they come, from now on, with the stock consumer
 * and `read_committed`, as a user would: no code of the job has a say. Resolves,
 * when all is ready, to what ends the reading.
 */
export async function readArrivals(
  { kafka: config, topic, visitIdPrefix }: ReaderThreadData,
  post: Post,
): Promise<() => Promise<void>> {
  const kafka = createKafka(config);
  const groupId = `sessionmill-load-${crypto.randomUUID()}`;
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: FETCH_WAIT_MS,
  });
  const admin = kafka.admin();
  await admin.connect();
  const positions = new Map<number, string>();
  for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
    positions.set(partition, high);
  }
  consumer.on("consumer.crash", ({ payload }) => {
    // kafkajs begins again by itself where that helps.
    if (payload.restart) return;
    post({ kind: "failed", reason: messageOf(payload.error) });
  });
  const joined = Promise.withResolvers<void>();
  consumer.on("consumer.group_join", () => {
    // Nothing is committed: it goes on where it was, also when it joins again.
    for (const [partition, offset] of positions) {
      consumer.seek({ topic, partition, offset });
    }
    joined.resolve();
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: false });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const { partition } = batch;
      positions.set(partition, String(Number(batch.lastOffset()) + 1));
      postBatch(batch, visitIdPrefix, post);
    },
  });
  await joined.promise;
  return async () => {
    await end(consumer);
    await admin.deleteGroups([groupId]).catch(() => {});
    await admin.disconnect();
  };
}

async function end(consumer: Consumer): Promise<void> {
  await consumer.stop();
  await consumer.disconnect();
}

function postBatch(
  { messages }: EachBatchPayload["batch"],
  visitIdPrefix: string,
  post: Post,
): void {
  const readAtMs = wallClockMs();
  const values: number[] = [];
  for (const { key, value, headers = {}, timestamp } of messages) {
    if (String(headers.revision) !== "0") continue;
    if (String(headers["close-reason"]) !== "gap") continue;
    if (key === null || !String(key).startsWith(visitIdPrefix)) continue;
    const { end_time } = JSON.parse(String(value)) as { end_time: string };
    values.push(Date.parse(end_time), Number(timestamp), readAtMs);
  }
  if (values.length === 0) return;
  const packed = new Float64Array(values);
  post({ kind: "arrivals", values: packed }, [packed.buffer]);
}
