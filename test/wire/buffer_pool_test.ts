import assert from "node:assert/strict";
import { test } from "node:test";
import { BufferPool } from "../../src/wire/buffer_pool.ts";

test("BufferPool gives the smallest size that suffices, used again", () => {
  const pool = new BufferPool([10, 100], 110);
  const small = pool.take(3);
  const large = pool.take(11);
  assert.deepEqual([small.byteLength, large.byteLength], [10, 100]);
  pool.give(small);
  pool.give(large);
  assert.equal(pool.take(100), large);
  assert.equal(pool.take(10), small);
  assert.notEqual(pool.take(10), small);
});

test("BufferPool keeps no more than it may, and none of another size", () => {
  const pool = new BufferPool([10], 10);
  const [first, second] = [pool.take(10), pool.take(10)];
  pool.give(first);
  pool.give(second);
  assert.equal(pool.take(10), first);
  assert.notEqual(pool.take(10), second);
  const huge = pool.take(11);
  assert.equal(huge.byteLength, 11);
  pool.give(huge);
  assert.notEqual(pool.take(11), huge);
});

test("BufferPool lets go of what is more than it may keep now", () => {
  const sizes = [100, 100, 10, 10];
  const pool = new BufferPool([10, 100], 220);
  /** Bytes of the buffers that come again when all were given back. */
  const keptBytes = (freeBytesMax: number) => {
    const taken = sizes.map((size) => pool.take(size));
    for (const buffer of taken) pool.give(buffer);
    pool.trim(freeBytesMax);
    const again = sizes.map((size) => pool.take(size));
    const kept = again.filter((buffer) => taken.includes(buffer));
    return kept.reduce((sum, { byteLength }) => sum + byteLength, 0);
  };
  assert.equal(keptBytes(220), 220);
  assert.equal(keptBytes(120), 100);
  assert.equal(keptBytes(0), 0);
});
