import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FramePool } from "../../../src/record/frame_pool.ts";
import { FrameReader } from "../../../src/source/kafka/frame_reader.ts";

/** Feeds bytes as a socket would: never more at once than the target takes. */
function feed(reader: FrameReader, bytes: Buffer, readBytes: number): void {
  for (let at = 0; at < bytes.length; ) {
    const target = reader.target();
    const end = Math.min(at + target.length, at + readBytes, bytes.length);
    bytes.copy(target, 0, at, end);
    reader.advance(end - at);
    at = end;
  }
}

function withLength(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

test("FrameReader cuts any reads into the responses that were sent, property", () => {
  const body = fc.uint8Array({ minLength: 4, maxLength: 60_000 });
  const bodies = fc.array(body, { maxLength: 8 });
  fc.assert(
    fc.property(bodies, fc.integer({ min: 1, max: 9_000 }), (sent, most) => {
      const received: Buffer[] = [];
      const reader = new FrameReader(new FramePool(), (frame) => {
        received.push(Buffer.from(frame.bytes));
        frame.release();
      });
      feed(reader, Buffer.concat(sent.map(withLength)), most);
      assert.deepEqual(
        received,
        sent.map((each) => Buffer.from(each)),
      );
    }),
    { numRuns: 50 },
  );
});

test("FrameReader reads a next response into memory that was released", () => {
  const memory = new Set<ArrayBufferLike>();
  const reader = new FrameReader(new FramePool(), (frame) => {
    memory.add(frame.bytes.buffer);
    frame.release();
  });
  for (let round = 0; round < 5; round++) {
    feed(reader, withLength(Buffer.alloc(100_000 + round)), 50_000);
  }
  assert.equal(memory.size, 1);
});

test("FrameReader does not touch a frame that has a holder", () => {
  const frames: Buffer[] = [];
  const reader = new FrameReader(new FramePool(), (frame) => {
    frame.retain();
    frame.release();
    frames.push(frame.bytes);
  });
  feed(reader, withLength(Buffer.alloc(50_000, 1)), 50_000);
  feed(reader, withLength(Buffer.alloc(50_000, 2)), 50_000);
  assert.ok(frames[0]!.every((byte) => byte === 1));
});

test("FrameReader refuses a length that no response has", () => {
  const reader = new FrameReader(new FramePool(), () => {});
  const notKafka = Buffer.from("HTTP/1.1 400");
  assert.throws(() => feed(reader, notKafka, 4), {
    name: "RangeError",
    message:
      "Cannot read response: its length is 1213486160, " +
      "expected 4 to 1073741824 bytes",
  });
});
