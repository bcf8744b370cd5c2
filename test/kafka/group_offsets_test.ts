import assert from "node:assert/strict";
import { test } from "node:test";
import { FieldReader, FieldWriter } from "../../src/kafka/fields.ts";
import {
  encodeOffsetFetch,
  encodeTxnOffsetCommit,
  readOffsetFetchAnswer,
  readTxnOffsetCommitAnswer,
} from "../../src/kafka/private/group_offsets_seam.ts";

/** The bytes of hex digits; what is behind a `#` says what they are. */
function bytesOf(text: string): Buffer {
  return Buffer.from(text.replace(/#.*$/gm, "").replace(/\s/g, ""), "hex");
}

const SEAT = { memberId: "m", generationId: 3 };
const COMMIT = {
  owner: { transactionalId: "tx", producerId: 4000n, producerEpoch: 5 },
  group: "g",
  topic: "t",
  offsets: [
    { partition: 1, offset: 2 ** 33, metadata: "" },
    { partition: 2, offset: 0, metadata: "é" },
  ],
};

/** By the schema of TxnOffsetCommitRequest, version 3; one field a line. */
function commitBytes(instance: string): string {
  return `
    00                # header: no tags
    03 7478           # transactional id
    02 67             # group
    0000000000000fa0  # producer id
    0005              # producer epoch
    00000003          # generation
    02 6d             # member
    ${instance}       # instance
    02                # one topic
    02 74             # its name
    03                # two partitions
    00000001 0000000200000000 ffffffff 01 00
    00000002 0000000000000000 ffffffff 03c3a9 00
    00                # topic: no tags
    00                # request: no tags
  `;
}

test("TxnOffsetCommit says who commits, by name or without one", () => {
  for (const [groupInstanceId, instance] of [
    [null, "00"],
    ["pod", "04 706f64"],
  ] as const) {
    const seat = { ...SEAT, groupInstanceId };
    const { buffer } = encodeTxnOffsetCommit({ ...COMMIT, seat });
    assert.deepEqual(buffer, bytesOf(commitBytes(instance)));
  }
});

test("TxnOffsetCommit's answer is its first refusal", () => {
  const answer = (first: string, second: string) =>
    readTxnOffsetCommitAnswer(
      bytesOf(`
        00            # header: no tags
        00000007      # throttle time
        02 02 74 03   # one topic, two partitions
        00000001 ${first} 01 05 02 abcd  # with a tag from the future
        00000002 ${second} 00
        00 00
      `),
    );
  const clientSideThrottleTime = 7;
  assert.deepEqual(answer("0000", "0000"), {
    clientSideThrottleTime,
    errorCode: 0,
  });
  for (const second of ["0000", "0019"]) {
    const refused = { clientSideThrottleTime, errorCode: 22 };
    assert.deepEqual(answer("0016", second), refused);
  }
  assert.deepEqual(answer("0000", "0016"), {
    clientSideThrottleTime,
    errorCode: 22,
  });
});

test("OffsetFetch asks for stable offsets, or for those of now", () => {
  for (const [requireStable, flag] of [
    [true, "01"],
    [false, "00"],
  ] as const) {
    const query = { group: "g", topic: "t", partitions: [0, 7], requireStable };
    const expected = bytesOf(`
      00 02 67 02 02 74
      03 00000000 00000007
      00 ${flag} 00
    `);
    assert.deepEqual(encodeOffsetFetch(query).buffer, expected);
  }
});

test("OffsetFetch's answer has offsets, metadata and codes by partition", () => {
  const answer = readOffsetFetchAnswer(
    bytesOf(`
      00 00000000
      02 02 74 04
      00000000 0000000200000001 ffffffff 03c3a9 0000 00
      00000001 ffffffffffffffff ffffffff 00 0000 00
      00000002 ffffffffffffffff ffffffff 01 0058 00
      00 001e 00
    `),
  );
  assert.deepEqual(answer, {
    clientSideThrottleTime: 0,
    errorCode: 30,
    offsets: [
      { partition: 0, offset: 2 ** 33 + 1, metadata: "é", errorCode: 0 },
      { partition: 1, offset: -1, metadata: "", errorCode: 0 },
      { partition: 2, offset: -1, metadata: "", errorCode: 88 },
    ],
  });
});

test("fields: what is written is what is read, for lengths of every size", () => {
  for (const length of [0, 1, 126, 127, 128, 16_382, 16_383, 70_000]) {
    const text = "x".repeat(length);
    const { buffer } = new FieldWriter()
      .compactString(text)
      .int16(-2)
      .int64(-1n)
      .compactString(null)
      .noTags()
      .encoded();
    const reader = new FieldReader(buffer, 0);
    reader.skipTags();
    assert.equal(reader.compactString(), text);
    assert.equal(reader.int16(), -2);
    assert.equal(reader.int64(), -1);
    assert.equal(reader.compactLength(), -1);
    reader.skipTags();
    assert.equal(reader.at, buffer.length);
  }
});
