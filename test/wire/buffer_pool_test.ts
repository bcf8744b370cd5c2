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
  const pool = new BufferPool([10, 100], 220);
  const taken = [10, 10, 100, 100].map((size) => pool.take(size));
  for (const buffer of taken) pool.give(buffer);
  assert.equal(pool.freeBytes, 220);
  pool.trim(120);
  assert.ok(pool.freeBytes <= 120 && pool.freeBytes >= 100, "as much as fits");
  pool.trim(0);
  assert.equal(pool.freeBytes, 0);
  assert.ok(!taken.includes(pool.take(100)));
});
