import assert from "node:assert/strict";
import { test } from "node:test";
import type { CloseReason } from "../../../src/kernel/host/session_names.ts";
import { murmur2, partitionOf } from "../../../src/record/partitioner.ts";
import { decodeBatch } from "../../support/decode_batches.ts";
import { firedSession } from "../../support/fired_session.ts";
import { LendingEncoder } from "../../support/lending_encoder.ts";

const PARTITION_COUNT = 3;

function kafkaEncoder(maxRecordBytes = 1_048_588) {
  const partitionCount = PARTITION_COUNT;
  return new LendingEncoder({
    format: "kafka",
    partitionCount,
    maxRecordBytes,
  });
}

test("KafkaEncoder writes key, value and headers of a session", async () => {
  const encoder = kafkaEncoder();
  const value = Buffer.from('{"visit_id": "v1"} and more that is not ours');
  encoder.add(
    value,
    18,
    firedSession("v1", {
      idPartition: 3,
      idOffset: 5_000_000_000,
      revision: 2,
      final: true,
      closeReason: "late-update",
      supersedes: "0-3,0-4",
    }),
  );
  const [chunk] = encoder.take();
  const [record] = (await decodeBatch(chunk!.bytes)).records;
  assert.equal(chunk!.count, 1);
  assert.equal(record!.key!.toString(), "v1");
  assert.equal(record!.value!.toString(), '{"visit_id": "v1"}');
  const headers = Object.entries(record!.headers).map(
    ([name, bytes]) => `${name}=${bytes}`,
  );
  assert.deepEqual(headers, [
    "session-id=3-5000000000",
    "revision=2",
    "final=true",
    "close-reason=late-update",
    "supersedes=0-3,0-4",
  ]);
});

test("KafkaEncoder names the topic that a session is of, while it has an id", async () => {
  const encoder = kafkaEncoder();
  const ids = ["AbCdEfGhIjKlMnOpQrStUg", "", "_-hiJkLmNoPqRsTuVwXyZ0", "short"];
  for (const sourceTopicId of ids) {
    const fired = firedSession("v", { supersedes: "0-3", sourceTopicId });
    encoder.add(Buffer.from("{}"), 2, fired);
  }
  const { records } = await decodeBatch(encoder.take()[0]!.bytes);
  const headers = records.map((record) => Object.entries(record.headers));
  assert.deepEqual(
    headers.map((each) => each.length),
    [6, 5, 6, 6],
  );
  const topics = records.map(({ headers }) => headers["source-topic-id"]);
  assert.deepEqual(
    topics.map((id) => id?.toString() ?? ""),
    ids,
  );
});

test("KafkaEncoder refuses a topic id that is none", () => {
  const sourceTopicId = "x".repeat(65);
  assert.throws(
    () =>
      kafkaEncoder().add(
        Buffer.from("{}"),
        2,
        firedSession("v", { sourceTopicId }),
      ),
    /^RangeError: Cannot set source topic: id "x+" must have at most 64 bytes$/,
  );
});

test("KafkaEncoder leaves out supersedes when nothing was swallowed", async () => {
  const encoder = kafkaEncoder();
  encoder.add(Buffer.from("{}"), 2, firedSession("v"));
  const { records } = await decodeBatch(encoder.take()[0]!.bytes);
  assert.deepEqual(Object.keys(records[0]!.headers), [
    "session-id",
    "revision",
    "final",
    "close-reason",
  ]);
});

test("KafkaEncoder decodes escapes of the key and places it by its bytes", async () => {
  const visitIds = [
    "plain",
    'quo"te\\',
    "naïve",
    "日本",
    "😀x",
    "\u007f\n",
    "",
  ];
  for (const visitId of [...visitIds, "lone \ud800 surrogate"]) {
    const encoder = kafkaEncoder();
    encoder.add(Buffer.from("{}"), 2, firedSession(visitId));
    const [chunk] = encoder.take();
    const { key } = (await decodeBatch(chunk!.bytes)).records[0]!;
    const expected = Buffer.from(visitId.toWellFormed());
    assert.deepEqual(key, expected);
    const hash = murmur2(expected, 0, expected.length);
    assert.equal(chunk!.partition, partitionOf(hash, PARTITION_COUNT));
  }
});

test("KafkaEncoder hands out a session that the topic does not take", () => {
  const encoder = kafkaEncoder(10_000);
  const value = Buffer.alloc(10_000, "x");
  const sourceTopicId = "AbCdEfGhIjKlMnOpQrStUg";
  const big = firedSession("big", { revision: 1, sourceTopicId });
  encoder.add(value, value.length, big);
  encoder.add(value, 9_000, firedSession("small"));
  assert.equal(encoder.take().length, 1);
  const [oversized, ...others] = encoder.takeOversized();
  assert.deepEqual(others, []);
  assert.equal(Buffer.from(oversized!.key).toString(), "big");
  assert.deepEqual(Buffer.from(oversized!.value), value);
  assert.deepEqual(oversized!.metadata, {
    "session-id": "0-12",
    revision: "1",
    final: "false",
    "close-reason": "gap",
    "source-topic-id": sourceTopicId,
  });
  assert.deepEqual(encoder.takeOversized(), []);
});

test("KafkaEncoder counts what the topic does not take, until it is taken", () => {
  const encoder = kafkaEncoder(10_000);
  const value = Buffer.alloc(10_000, "x");
  encoder.add(value, value.length, firedSession("big"));
  encoder.take();
  assert.equal(encoder.byteLength, 10_000);
  encoder.takeOversized();
  assert.equal(encoder.byteLength, 0);
});

test("KafkaEncoder counts its bytes and begins anew after take()", async () => {
  const encoder = kafkaEncoder();
  for (let round = 0; round < 3; round++) {
    assert.equal(encoder.byteLength, 0);
    for (let i = 0; i < 50; i++) {
      const value = Buffer.from(`{"visit_id": "${round}-${i}"}`);
      encoder.add(value, value.length, firedSession(`${round}-${i}`));
    }
    const { byteLength } = encoder;
    const chunks = encoder.take();
    let sum = 0;
    const seen: string[] = [];
    for (const { bytes } of chunks) {
      sum += bytes.length;
      const { records } = await decodeBatch(bytes);
      seen.push(...records.map((record) => record.key!.toString()));
    }
    assert.equal(sum, byteLength);
    assert.equal(new Set(seen).size, 50);
    assert.ok(seen.every((key) => key.startsWith(`${round}-`)));
  }
});

test("KafkaEncoder puts out no session with a reason that is none", () => {
  const encoder = kafkaEncoder();
  const closeReason = "boredom" as CloseReason;
  const unknown = firedSession("v", { closeReason });
  assert.throws(
    () => encoder.add(Buffer.from("{}"), 2, unknown),
    /^Error: Cannot go on with the windows: a session was fired for a reason that has no name$/,
  );
  assert.deepEqual(encoder.take(), []);
});
