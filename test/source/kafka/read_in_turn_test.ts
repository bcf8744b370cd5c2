import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Random } from "../../../src/generate/random.ts";
import { FramePool } from "../../../src/record/frame_pool.ts";
import { EventQueue } from "../../../src/source/kafka/event_queue.ts";
import { FetchLoop } from "../../../src/source/kafka/fetch_loop.ts";
import { FrameSockets } from "../../../src/source/kafka/frame_sockets.ts";
import {
  MAX_RESPONSE_BYTES,
  PartitionPosition,
} from "../../../src/source/kafka/partition_position.ts";
import { TopicWatch } from "../../../src/source/kafka/topic_watch.ts";
import type { SourceEvent } from "../../../src/source/source.ts";
import {
  type FakeBroker,
  FakeFetchCluster,
} from "../../support/fake_fetch_cluster.ts";
import { kafkaClients } from "../../support/kafka_clients.ts";
import { KafkaSourceRun } from "../../support/kafka_source_run.ts";
import { numberedMessages } from "../../support/numbered_messages.ts";
import { buildBatch } from "../../support/record_batch_builder.ts";
import { testKafka } from "../../support/test_kafka.ts";

const MEGA = 1 << 20;
/** What waits for its turn, and one more answer to what was asked before. */
const LATER_BYTES = 16 * MEGA + 2 * MAX_RESPONSE_BYTES;
const RECORDS = 100;
/** Partitions that are read ahead, the one whose turn it is among them. */
const AHEAD = 4;

/** Who comes next, by the seed: all that are not done, in any order. */
class Turns {
  readonly next: number[] = [];
  readonly #random: Random;
  readonly #left: Set<number>;

  constructor(partitions: number, seed: number) {
    this.#random = new Random(seed);
    this.#left = new Set(Array.from({ length: partitions }, (_, at) => at));
    this.#fill();
  }

  get isOver(): boolean {
    return this.#left.size === 0;
  }

  /** The turn is over; `isDone`: nothing is left of its partition. */
  end(isDone: boolean): void {
    const partition = this.next.shift()!;
    if (isDone) this.#left.delete(partition);
    for (let at = this.next.length - 1; at >= 0; at--) {
      if (!this.#left.has(this.next[at]!)) this.next.splice(at, 1);
    }
    this.#fill();
  }

  #fill(): void {
    while (this.next.length < AHEAD && this.#left.size > 0) {
      this.next.push(this.#random.pick([...this.#left]));
    }
  }
}

/** Serves partitions of so many batches, as many as are asked for at once. */
function brokerOf(
  batchCounts: readonly number[],
  batchBytes: number,
): FakeBroker {
  const value = Buffer.alloc(batchBytes / RECORDS);
  const batch = buildBatch({
    baseOffset: 0,
    records: Array.from({ length: RECORDS }, () => ({ key: null, value })),
  });
  return async (asked) =>
    asked.map(({ partition, offset, maxBytes }) => {
      const left = batchCounts[partition]! - offset / RECORDS;
      const most = Math.max(1, Math.floor(maxBytes / batch.length));
      const batches = Array.from({ length: Math.min(left, most) }, (_, at) => {
        const copy = Buffer.from(batch);
        copy.writeBigInt64BE(BigInt(offset + at * RECORDS), 0);
        return copy;
      });
      const lastStableOffset = batchCounts[partition]! * RECORDS;
      return { partition, lastStableOffset, records: Buffer.concat(batches) };
    });
}

/** Reads partitions of so many batches each in turn, some batches a turn. */
async function readInTurn(
  batchCounts: readonly number[],
  { batchBytes, records }: { batchBytes: number; records: number },
): Promise<void> {
  const cluster = new FakeFetchCluster();
  const queue = new EventQueue();
  const serve = brokerOf(batchCounts, batchBytes);
  const failures: unknown[] = [];
  const loop = new FetchLoop({
    topic: "visits",
    framesMax: 6,
    watch: new TopicWatch(cluster, "visits"),
    losses: { onNewTopic() {}, onPartitions() {}, onGone() {}, onCut() {} },
    cluster,
    sockets: new FrameSockets(new FramePool()),
    queue,
    health: { fetch: () => () => {}, cannotRead() {}, reads() {} },
    onFailure: (error) => failures.push(error),
  });
  for (const partition of batchCounts.keys()) {
    cluster.leaders.set(partition, partition % 2);
  }
  cluster.brokers.set(0, serve).set(1, serve);
  await cluster.connect();
  const turns = new Turns(batchCounts.length, 7);
  const prefer = () => {
    const wanted = [...new Set(turns.next)];
    queue.order.set(wanted.map((partition) => ({ partition, records })));
    loop.wake();
  };
  loop.assign(
    batchCounts.map((count, partition) => {
      const position = new PartitionPosition(partition, count * RECORDS);
      position.begin("earliest");
      return position;
    }),
  );
  prefer();
  loop.run();
  const read = batchCounts.map(() => 0);
  let taken = 0;
  const deadlineMs = performance.now() + 30_000;
  while (!turns.isOver) {
    assert.ok(performance.now() < deadlineMs, "it stands still");
    const waiting = loop.table.all
      .filter(({ partition }) => partition !== queue.order.turn)
      .reduce((sum, { queuedBytes }) => sum + queuedBytes, 0);
    assert.ok(waiting <= LATER_BYTES + 2 * batchBytes, `${waiting} bytes wait`);
    const entry = queue.shift();
    if (entry === undefined) {
      await nextTurn();
      continue;
    }
    loop.wake();
    taken += take(entry.event, turns.next[0]!, read);
    const isDone = entry.event.kind === "finished";
    if (!isDone && taken < records) continue;
    taken = 0;
    turns.end(isDone);
    prefer();
  }
  loop.stop();
  assert.deepEqual(failures, []);
  assert.deepEqual(
    read,
    batchCounts.map((count) => count * RECORDS),
  );
}

/** Takes an event, which has to be of this partition; gives its records. */
function take(event: SourceEvent, partition: number, read: number[]): number {
  if (event.kind === "finished") {
    assert.equal(event.partition, partition);
    return 0;
  }
  assert.ok(event.kind === "records");
  const { chunk } = event;
  assert.equal(chunk.partition, partition);
  assert.equal(
    Number(chunk.bytes.readBigInt64BE(chunk.starts[0])),
    read[partition],
  );
  read[partition]! += chunk.count;
  chunk.release();
  return chunk.count;
}

test("FetchLoop reads skewed partitions in turn", async () => {
  await readInTurn([300, 30, 3, 0], { batchBytes: 128 << 10, records: 5000 });
});

test("FetchLoop reads a hundred partitions in turn, in bounded memory", async () => {
  const counts = Array.from({ length: 100 }, (_, at) => at % 5);
  await readInTurn(counts, { batchBytes: 256 << 10, records: 300 });
});

test("FetchLoop reads batches in turn that are larger than its requests", async () => {
  await readInTurn([4, 4, 9, 1, 0, 2], { batchBytes: 6 * MEGA, records: 150 });
});

const { brokers, newTopic } = await testKafka();
const { producer } = kafkaClients(brokers);

test("KafkaSource tells of the preferred partition alone, and again of what is begun anew", async () => {
  const topic = await newTopic("in-turn", { partitions: 5 });
  const counts = [20_000, 2000, 200, 0, 2];
  for (const [partition, count] of counts.entries()) {
    for (let left = count; left > 0; left -= 2000) {
      const messages = numberedMessages(Math.min(left, 2000), partition);
      await producer.send({ topic, messages });
    }
  }
  const run = new KafkaSourceRun(brokers, { topic, bounded: true });
  await run.open();
  const turns = new Turns(5, 3);
  const prefer = () => {
    const wanted = [...new Set(turns.next)];
    run.source.prefer(
      wanted.map((partition) => ({ partition, records: Infinity })),
    );
  };
  const read = counts.map(() => 0);
  let isBegunAnew = false;
  for await (const event of run.source.events()) {
    if (event.kind === "assigned") {
      for (const each of event.restarted) run.source.begin(each, "earliest");
    } else {
      const partition = turns.next[0]!;
      const isFirst = read[partition] === 0;
      take(event, partition, read);
      if (event.kind === "finished") turns.end(true);
      else if (partition === 0 && isFirst && !isBegunAnew) {
        // All of it, its end as well, may have been read ahead.
        isBegunAnew = true;
        read[0] = 0;
        run.source.begin(0, 0);
      } else turns.end(false);
    }
    prefer();
  }
  await run.close();
  assert.ok(isBegunAnew);
  assert.deepEqual(read, counts);
});
