import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Partitioners } from "kafkajs";
import { murmur2, partitionOf } from "../../src/record/partitioner.ts";

/** The vectors of the Java client's own `UtilsTest.testMurmur2`. */
const JAVA_VECTORS: Record<string, number> = {
  "21": -973932308,
  foobar: -790332482,
  "a-little-bit-long-string": -985981536,
  "a-little-bit-longer-string": -1486304829,
  lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
  abc: 479470107,
};

function hashOf(text: string): number {
  const bytes = Buffer.from(text);
  return murmur2(bytes, 0, bytes.length);
}

test("murmur2() gives what Kafka's Java client gives", () => {
  for (const [text, expected] of Object.entries(JAVA_VECTORS)) {
    assert.equal(hashOf(text), expected, text);
  }
});

test("partitionOf() chooses the partition that kafkajs chooses", () => {
  const choose = Partitioners.DefaultPartitioner();
  const bytes = fc.uint8Array({ maxLength: 40 });
  const counts = fc.integer({ min: 1, max: 64 });
  const before = fc.integer({ min: 0, max: 9 });
  fc.assert(
    fc.property(bytes, counts, before, (key, partitionCount, start) => {
      const padded = Buffer.concat([Buffer.alloc(start, 7), key]);
      const partitionMetadata = Array.from(
        { length: partitionCount },
        (_, partitionId) => ({
          partitionId,
          partitionErrorCode: 0,
          leader: 1,
          replicas: [],
          isr: [],
        }),
      );
      const message = { key: Buffer.from(key), value: "" };
      const topic = "t";
      const hash = murmur2(padded, start, key.length);
      assert.equal(
        partitionOf(hash, partitionCount),
        choose({ topic, partitionMetadata, message }),
      );
    }),
  );
});
