import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import type { ISocketFactory } from "kafkajs";
import { createTopics } from "../../docker/local_kafka/create_topic.ts";
import { WALL_CLOCK } from "../../src/clock.ts";
import { brokerOutage } from "../../src/kafka/outage.ts";
import {
  Transactions,
  type TransactionsOptions,
} from "../../src/kafka/transactions.ts";
import { handBroker, joinGroup } from "./group_member.ts";
import { kafkaConfig } from "./kafka_config.ts";
import { readWithKcat } from "./kcat.ts";
import { recordBatchOf } from "./record_batch_of.ts";

/** A job with a topic of its own for each thing, and its seat in its group. */
export async function newJob(
  brokers: string,
  options: { readonly instance?: string } = {},
) {
  const suffix = randomUUID();
  const [visits, sessions, log] = ["visits", "sessions", "log"].map(
    (name) => `${name}-${suffix}`,
  ) as [string, string, string];
  await createTopics(
    brokers,
    [visits, sessions, log].map((name) => ({ name, partitions: 2 })),
  );
  const group = `group-${suffix}`;
  const hand = await handBroker(brokers);
  const seat = await joinGroup(hand.broker, group, options.instance);
  await hand.close();
  return {
    brokers,
    visits,
    sessions,
    log,
    group,
    seat,
    transactionalId: `${group}-a`,
  };
}

/** What `newJob` makes. */
export type Job = Awaited<ReturnType<typeof newJob>>;

/** What is not usual about a life. */
export interface LifeOptions extends Partial<TransactionsOptions> {
  readonly socketFactory?: ISocketFactory;
}

/** A life of the job; it is closed at the end of the test. */
export function newLife(
  context: TestContext,
  job: Job,
  options: LifeOptions = {},
) {
  const { brokers, group, visits: topic, transactionalId } = job;
  const { socketFactory, ...others } = options;
  const security = socketFactory === undefined ? {} : { socketFactory };
  const warn = () => {};
  const life = new Transactions({
    kafka: kafkaConfig(brokers, { group, security }),
    topic,
    transactionalId,
    timeoutMs: 60_000,
    outage: brokerOutage([brokers], { clock: WALL_CLOCK, warn }),
    warn,
    ...others,
  });
  context.after(() => life.close());
  const writerOf = (name: string) =>
    life.sender.writer({
      topic: name,
      partitionCount: 2,
      maxRecordBytes: 1e6,
      things: "records",
    });
  const write = (name: string, partition: number, ...values: string[]) =>
    writerOf(name).write([{ partition, bytes: recordBatchOf(values) }]);
  return { life, write, writerOf };
}

/** The same, open. */
export async function openLife(
  context: TestContext,
  job: Job,
  options?: LifeOptions,
) {
  const opened = newLife(context, job, options);
  await opened.life.open();
  return opened;
}

/** What a reader of committed records sees, as `partition:value`, sorted. */
export async function valuesOf(
  { brokers }: Job,
  topic: string,
): Promise<string[]> {
  const records = await readWithKcat(brokers, topic);
  return records.map(({ partition, value }) => `${partition}:${value}`).sort();
}

/** An offset of partition 0, to be committed. */
export function offsetAt(offset: number, metadata = "") {
  return [{ partition: 0, offset, metadata }];
}

/** Nothing is known of who committed. */
export const NOBODY = () => null;
