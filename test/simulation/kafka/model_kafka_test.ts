import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../../src/generate/random.ts";
import { stampBatch } from "../../../src/record/record_batch_header.ts";
import { recordBatchOf } from "../../support/record_batch_of.ts";
import { START_MS } from "../plan.ts";
import { Scheduler } from "../scheduler.ts";
import { type ErrorType, isKafkaError } from "./kafka_error.ts";
import { groupPlace, ModelKafka, placeOf } from "./model_kafka.ts";
import type { TransactionalProducer } from "./transaction_coordinator.ts";

const GROUP = "reader";
const NOBODY = { memberId: "", generationId: -1, groupInstanceId: null };

/** A model with a topic of two partitions, on a clock of its own. */
function setUp() {
  const scheduler = new Scheduler(new Random(1), START_MS);
  const kafka = new ModelKafka(scheduler, new Random(2));
  kafka.createTopic("log", 2);
  const pass = (ms: number) => scheduler.drive(scheduler.pause("time", ms));
  return { scheduler, kafka, pass };
}

function producerOf(
  kafka: ModelKafka,
  transactionalId = "reader-one",
): TransactionalProducer {
  const producer = kafka.transactions.initProducerId(transactionalId, 1_000);
  return { transactionalId, ...producer };
}

/** The batch of one record of a transaction. */
function batchOf(producer: TransactionalProducer, baseSequence: number) {
  const bytes = recordBatchOf([`record ${baseSequence}`]);
  stampBatch(bytes, {
    producerId: BigInt(producer.producerId),
    producerEpoch: producer.producerEpoch,
    ...{ transactional: true, baseSequence, timestampMs: START_MS },
  });
  return bytes;
}

function produce(
  kafka: ModelKafka,
  producer: TransactionalProducer,
  sequence = 0,
  partition = 0,
): number {
  const { transactionalId } = producer;
  const bytes = batchOf(producer, sequence);
  return kafka.produce({ transactionalId, topic: "log", partition, bytes });
}

function refused(type: ErrorType) {
  return (error: unknown) => isKafkaError(error, type);
}

/** Values that a reader of committed records gets. */
function committedCount(kafka: ModelKafka, partition = 0): number {
  return kafka
    .partition("log", partition)
    .read(0, { isCommitted: true, entriesMax: 100 })
    .filter(({ outcome }) => outcome === "committed").length;
}

const PLACES = [placeOf("log", 0), groupPlace(GROUP)];
const OFFSET = { partition: 0, offset: 7, metadata: "m" };

function commitOffset(
  kafka: ModelKafka,
  producer: TransactionalProducer,
  seat: Parameters<ModelKafka["txnOffsetCommit"]>[1]["seat"] = NOBODY,
): void {
  kafka.txnOffsetCommit(producer, { groupId: GROUP, seat, offsets: [OFFSET] });
}

test("transactions: records and offsets become valid with their markers", async () => {
  const { kafka, pass } = setUp();
  const producer = producerOf(kafka);
  kafka.transactions.add(producer, PLACES);
  produce(kafka, producer);
  commitOffset(kafka, producer);
  assert.equal(kafka.partition("log", 0).lastStableOffset, 0);
  kafka.transactions.endTxn(producer, true);
  const fetch = (requireStable: boolean) =>
    kafka.offsetFetch(GROUP, [0, 1], { requireStable });
  // Decided, but no marker is written yet.
  assert.equal(committedCount(kafka), 0);
  assert.deepEqual(
    [...fetch(true).entries()],
    [
      [0, "unstable"],
      [1, null],
    ],
  );
  assert.equal(fetch(false).get(0), null);
  assert.throws(
    () => kafka.transactions.add(producer, PLACES),
    refused("CONCURRENT_TRANSACTIONS"),
  );
  await pass(1_000);
  assert.equal(committedCount(kafka), 1);
  assert.deepEqual(fetch(true).get(0), { offset: 7, metadata: "m" });
  // The marker is an offset too.
  assert.equal(kafka.partition("log", 0).endOffset, 2);
});

test("transactions: the log's marker may come after the offsets' one", async () => {
  const { kafka, scheduler, pass } = setUp();
  let lagging = 0;
  let producer = producerOf(kafka);
  for (let i = 0; i < 60; i++) {
    kafka.transactions.add(producer, PLACES);
    produce(kafka, producer, i);
    commitOffset(kafka, producer);
    kafka.transactions.endTxn(producer, true);
    const log = kafka.partition("log", 0);
    for (;;) {
      await scheduler.drive(scheduler.pause("look", 1));
      const fetched = kafka.offsetFetch(GROUP, [0], { requireStable: true });
      if (fetched.get(0) !== "unstable") break;
    }
    if (log.lastStableOffset < log.endOffset) lagging++;
    await pass(500);
  }
  assert.ok(lagging > 3, `${lagging}`);
  producer = producerOf(kafka);
  assert.equal(producer.producerEpoch, 1);
});

test("transactions: a new life fences the old one and aborts what it left", async () => {
  const { kafka, pass } = setUp();
  const old = producerOf(kafka);
  kafka.transactions.add(old, PLACES);
  produce(kafka, old);
  commitOffset(kafka, old);
  assert.throws(() => producerOf(kafka), refused("CONCURRENT_TRANSACTIONS"));
  await pass(1_000);
  const next = producerOf(kafka);
  assert.equal(next.producerId, old.producerId);
  assert.equal(next.producerEpoch, old.producerEpoch + 2);
  assert.equal(committedCount(kafka), 0);
  const fetched = kafka.offsetFetch(GROUP, [0], { requireStable: true });
  assert.equal(fetched.get(0), null);
  const attempts = [
    () => kafka.transactions.add(old, PLACES),
    () => produce(kafka, old, 1),
    () => commitOffset(kafka, old),
    () => kafka.transactions.endTxn(old, true),
  ];
  for (const attempt of attempts) {
    assert.throws(attempt, refused("INVALID_PRODUCER_EPOCH"));
  }
});

test("transactions: what takes longer than its timeout is aborted", async () => {
  const { kafka, pass } = setUp();
  const producer = producerOf(kafka);
  kafka.transactions.add(producer, PLACES);
  assert.deepEqual(kafka.transactions.open, ["reader-one"]);
  await pass(3_000);
  assert.deepEqual(kafka.transactions.open, []);
  assert.throws(
    () => kafka.transactions.endTxn(producer, true),
    refused("INVALID_PRODUCER_EPOCH"),
  );
  assert.equal(producerOf(kafka).producerEpoch, producer.producerEpoch + 2);
});

test("transactions: what was not added is refused, and an end can be repeated", async () => {
  const { kafka, pass } = setUp();
  const producer = producerOf(kafka);
  const { transactions } = kafka;
  const isInvalid = refused("INVALID_TXN_STATE");
  assert.throws(() => transactions.endTxn(producer, true), isInvalid);
  assert.throws(() => produce(kafka, producer), isInvalid);
  assert.throws(() => commitOffset(kafka, producer), isInvalid);
  transactions.add(producer, [placeOf("log", 0)]);
  transactions.add(producer, [placeOf("log", 0)]);
  assert.throws(() => produce(kafka, producer, 0, 1), isInvalid);
  transactions.endTxn(producer, true);
  assert.throws(
    () => transactions.endTxn(producer, true),
    refused("CONCURRENT_TRANSACTIONS"),
  );
  await pass(1_000);
  transactions.endTxn(producer, true);
  assert.throws(() => transactions.endTxn(producer, false), isInvalid);
});

test("partitions: a batch sent again is one, and one behind a hole is refused", () => {
  const { kafka } = setUp();
  const producer = producerOf(kafka);
  kafka.transactions.add(producer, PLACES);
  assert.equal(produce(kafka, producer, 0), 0);
  assert.equal(produce(kafka, producer, 1), 1);
  assert.equal(produce(kafka, producer, 0), 0);
  assert.equal(kafka.partition("log", 0).endOffset, 2);
  assert.throws(
    () => produce(kafka, producer, 3),
    refused("OUT_OF_ORDER_SEQUENCE_NUMBER"),
  );
});

test("partitions: records are deleted up to the high watermark", () => {
  const { kafka } = setUp();
  const log = kafka.partition("log", 0);
  for (let i = 0; i < 3; i++) log.append(recordBatchOf([`record ${i}`]));
  log.deleteRecords(2);
  log.deleteRecords(1);
  assert.equal(log.startOffset, 2);
  const isGone = refused("OFFSET_OUT_OF_RANGE");
  assert.throws(() => log.deleteRecords(4), isGone);
  const options = { isCommitted: true, entriesMax: 10 };
  assert.throws(() => log.read(1, options), isGone);
  assert.throws(() => log.read(4, options), isGone);
  assert.equal(log.read(2, options).length, 1);
});

test("offsets: metadata has a limit, and the other partitions are held", async () => {
  const { kafka, pass } = setUp();
  const producer = producerOf(kafka);
  kafka.transactions.add(producer, PLACES);
  const offsets = [{ ...OFFSET, metadata: "x".repeat(4_097) }, OFFSET].map(
    (each, partition) => ({ ...each, partition }),
  );
  const commit = { groupId: GROUP, seat: NOBODY, offsets };
  assert.throws(
    () => kafka.txnOffsetCommit(producer, commit),
    refused("OFFSET_METADATA_TOO_LARGE"),
  );
  kafka.transactions.endTxn(producer, true);
  await pass(1_000);
  assert.deepEqual(
    [...kafka.group(GROUP).offsets.committed],
    [[1, { offset: 7, metadata: "m" }]],
  );
});
