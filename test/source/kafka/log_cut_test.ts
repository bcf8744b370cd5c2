import assert from "node:assert/strict";
import { open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startKafka } from "../../../docker/local_kafka/kafka_broker.ts";
import type { OnNewTopic } from "../../../src/config/config.ts";
import { produce } from "../../e2e/produce.ts";
import { KafkaSourceRun } from "../../support/kafka_source_run.ts";
import { numberedMessages } from "../../support/numbered_messages.ts";
import { TEST_BROKER } from "../../support/test_kafka.ts";
import { waitUntil } from "../../support/wait_until.ts";

const TOPIC = "visits";

/** Takes the last batch off the log, as an unclean leader election may do. */
async function cutLastBatch(dataFolder: string): Promise<void> {
  const folder = join(dataFolder, `${TOPIC}-0`);
  const segment = "00000000000000000000.log";
  const bytes = await readFile(join(folder, segment));
  let last = 0;
  for (let at = 0; at < bytes.length; ) {
    last = at;
    at += 12 + bytes.readInt32BE(at + 8);
  }
  const file = await open(join(folder, segment), "r+");
  await file.truncate(last);
  await file.close();
  // The indexes are made anew from the log.
  for (const name of await readdir(folder)) {
    if (/index$|snapshot$/.test(name)) await rm(join(folder, name));
  }
}

const send = (brokers: string, count: number) =>
  produce(brokers, { topic: TOPIC, messages: numberedMessages(count, 0) });

/** What becomes of a source that has read 20 records when 10 of them go. */
async function afterCut(onNewTopic: OnNewTopic): Promise<KafkaSourceRun> {
  const topics = [{ name: TOPIC, partitions: 1 }];
  const broker = await startKafka({ ...TEST_BROKER, topics });
  const { brokers } = broker;
  const source = { onNewTopic };
  const options = { topic: TOPIC, bounded: false, source };
  const run = new KafkaSourceRun(brokers, options);
  try {
    await send(brokers, 10);
    await send(brokers, 10);
    await run.start();
    await waitUntil(() => run.records.length === 20);
    await broker.restart({ kill: true, meanwhile: cutLastBatch });
    // More than were cut: by its offsets alone the log looks as before.
    await send(brokers, 30);
    const end = () => run.records.filter(({ offset }) => offset === 39);
    const isOver = run.ended().then(
      () => true,
      () => true,
    );
    const read = waitUntil(() => end().length > 0, { timeoutMs: 30_000 });
    await Promise.race([isOver, read]);
    read.catch(() => {});
    run.source.stop();
    await run.ended();
    return run;
  } finally {
    await run.source.close();
    await broker.stop();
  }
}

function offsetsOf(run: KafkaSourceRun): number[] {
  return run.records.map(({ offset }) => offset);
}

const UP_TO_20 = Array.from({ length: 20 }, (_, at) => at);
const UP_TO_40 = Array.from({ length: 40 }, (_, at) => at);

test("KafkaSource stops when records that it has read are cut off the log", async () => {
  await assert.rejects(afterCut("stop"), {
    name: "WorldError",
    message:
      `Cannot read topic "${TOPIC}" any further: partition 0 was read up to ` +
      "offset 20, but its log was cut at 10, as an unclean leader election " +
      "does; start again to read it from its start, or run with " +
      "--on-new-topic flush or drop",
  });
});

test("KafkaSource reads on where the log was cut, with flush", async () => {
  const run = await afterCut("flush");
  assert.deepEqual(offsetsOf(run), [...UP_TO_20, ...UP_TO_40.slice(10)]);
});

test("KafkaSource reads the partition anew whose log was cut, with drop", async () => {
  const run = await afterCut("drop");
  assert.deepEqual(offsetsOf(run), [...UP_TO_20, ...UP_TO_40]);
  const last = run.events.findLast(
    (event) => event.kind === "assigned" && event.restarted.length > 0,
  );
  const [first] = run.events;
  assert.ok(first?.kind === "assigned");
  const { topicId, seat } = first;
  assert.match(topicId ?? "", /^[\w-]{22}$/);
  // Its log was cut, but it is the same topic.
  assert.deepEqual(last, {
    kind: "assigned",
    partitions: [0],
    restarted: [0],
    topicId,
    seat,
    voided: [0],
  });
});
