import { after } from "node:test";
import { Kafka, logLevel, type Producer } from "kafkajs";
import { encodeMetadata } from "../../src/checkpoint/offset_metadata.ts";
import { runInProcess } from "../cli/fake_world.ts";
import { kafkaClients } from "../support/kafka_clients.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { change, mark } from "./log_records.ts";

const { brokers, newTopic } = await testKafka();
const { producer } = kafkaClients(brokers);
/** A stock client. */
export const kafka = new Kafka({
  brokers: brokers.split(","),
  logLevel: logLevel.NOTHING,
});

/** A group with committed sessions in partition 0 of two, for one test. */
export interface Group {
  readonly group: string;
  readonly topic: string;
  readonly windowLog: string;
  readonly flags: readonly string[];
  readonly writer: Producer;
}

const writers: Producer[] = [];
after(async () => {
  for (const writer of writers) await writer.disconnect();
});

/** One with topics of its own, and nothing committed yet. */
export async function newGroup(): Promise<Group> {
  const topic = await newTopic("state", { partitions: 2 });
  const windowLog = await newTopic("state-windows", { partitions: 2 });
  const group = `group-of-${topic}`;
  const transactionalId = `${group}-me`;
  const writer = kafka.producer({ transactionalId, maxInFlightRequests: 1 });
  await writer.connect();
  writers.push(writer);
  const messages = Array.from({ length: 10 }, () => ({
    value: "{}",
    partition: 0,
  }));
  await producer.send({ topic, messages });
  const flags = [
    ...["--brokers", brokers, "--group", group],
    ...["--from", `kafka:${topic}`, "--window-log", windowLog],
  ];
  return { group, topic, windowLog, flags, writer };
}

/** One transaction: records in the log of partition 0, and offset 8 of 10. */
export async function commit(
  { group, topic, windowLog, writer }: Group,
  values: readonly Buffer[],
): Promise<void> {
  const transaction = await writer.transaction();
  const messages = values.map((value) => ({ value, partition: 0 }));
  await transaction.send({ topic: windowLog, messages });
  const by = `${group}-me`;
  const place = { from: 0, end: values.length, by, commit: 7, log: windowLog };
  // Its types lack the metadata.
  const offset = {
    ...{ partition: 0, offset: "8", metadata: encodeMetadata(place) },
  };
  const sending = () =>
    transaction.sendOffsets({
      consumerGroupId: group,
      topics: [{ topic, partitions: [offset] }],
    });
  // The first offsets of a broker have to wait until it can keep any.
  await waitUntil(() =>
    sending().then(
      () => true,
      (error) => {
        if (error.retriable !== true) throw error;
        return false;
      },
    ),
  );
  await transaction.commit();
}

/** Records in the log of partition 0, of which nothing is committed. */
export async function write(
  { windowLog }: Group,
  values: readonly Buffer[],
): Promise<void> {
  const messages = values.map((value) => ({ value, partition: 0 }));
  await producer.send({ topic: windowLog, messages });
}

/** Two open sessions, one of them changed since, and one that is gone. */
export function logOf({
  group,
  topic,
  topicId = null,
}: Pick<Group, "group" | "topic"> & { topicId?: string | null }): Buffer[] {
  const own = { by: `${group}-me`, topic, topicId };
  const startMs = Date.parse("2024-06-01T10:00:00Z");
  return [
    change({
      kind: "put",
      commit: 5,
      id: 1,
      partition: 0,
      messageBytes: 92,
      startMs,
    }),
    change({
      kind: "put",
      commit: 5,
      id: 2,
      partition: 0,
      messageBytes: 92,
      startMs,
    }),
    mark(5, { ...own, offset: 5 }),
    change({ kind: "gone", commit: 7, id: 1, partition: 0 }),
    change({
      kind: "put",
      commit: 7,
      id: 6,
      partition: 0,
      messageBytes: 52,
      startMs,
    }),
    change({
      kind: "grow",
      commit: 7,
      id: 2,
      partition: 0,
      messageBytes: 33,
      startMs,
    }),
    mark(7, { ...own, offset: 8, clockMs: startMs + 3_600_000 }),
  ];
}

/** `sessionmill state` with these arguments. */
export async function state(...argv: readonly string[]) {
  return await runInProcess(["state", ...argv]);
}
