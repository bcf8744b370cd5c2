import assert from "node:assert/strict";
import { test } from "node:test";
import { FramePool } from "../../src/record/frame_pool.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

test("FramePool gives shared memory from its start, as long as was asked for", () => {
  const pool = new FramePool();
  for (const byteLength of [0, 1, 16 * KIB, 16 * KIB + 1, 2 * MIB + 7]) {
    const { bytes, memory } = pool.take(byteLength);
    assert.ok(memory instanceof SharedArrayBuffer);
    assert.deepEqual([bytes.length, bytes.byteOffset], [byteLength, 0]);
    assert.equal(bytes.buffer, memory);
  }
});

test("FramePool uses memory again, be it small or large", () => {
  const pool = new FramePool();
  for (const [first, second] of [
    [1, 16 * KIB],
    [17 * KIB, 32 * KIB],
    [2.6 * MIB, 2.75 * MIB],
    // A large one does for one that is smaller, but large too.
    [2.75 * MIB, 1.5 * MIB],
  ] as const) {
    const { memory } = freed(pool, first);
    assert.equal(pool.take(second).memory, memory, `${first} ${second}`);
  }
  assert.equal(pool.idleBytes, 0);
});

test("FramePool spends no large frame on a small request", () => {
  const pool = new FramePool();
  freed(pool, 2 * MIB);
  assert.equal(pool.take(100).memory.byteLength, 16 * KIB);
  assert.equal(pool.take(200 * KIB).memory.byteLength, 256 * KIB);
  assert.equal(pool.idleBytes, 2 * MIB);
});

test("FramePool takes the frame that fits best", () => {
  const pool = new FramePool();
  const frames = [2 * MIB, 1 * MIB, 3 * MIB].map((size) => pool.take(size));
  for (const frame of frames) frame.release();
  assert.equal(pool.take(MIB - 5).memory.byteLength, MIB);
  assert.equal(pool.take(MIB - 5).memory.byteLength, 2 * MIB);
});

test("FramePool keeps idle bytes within the bound, those given back last", () => {
  const pool = new FramePool(3 * MIB);
  freed(pool, 1 * MIB);
  freed(pool, 1.5 * MIB);
  const last = freed(pool, 2.75 * MIB);
  assert.equal(pool.idleBytes, 2.75 * MIB);
  assert.equal(pool.take(MIB).memory, last.memory);
});

test("FramePool keeps what was in use at a time, however much", () => {
  const pool = new FramePool(3 * MIB);
  const sizes = [20 * MIB, 30 * MIB, 40 * MIB];
  const used = new Set<SharedArrayBuffer>();
  for (let round = 0; round < 5; round++) {
    const frames = sizes.map((size) => pool.take(size));
    for (const { memory } of frames) used.add(memory);
    for (const frame of frames) frame.release();
  }
  assert.equal(used.size, sizes.length);
  assert.equal(pool.idleBytes, 90 * MIB);
  // And no more than that.
  freed(pool, 41 * MIB);
  assert.equal(pool.idleBytes, 82 * MIB);
});

test("FramePool makes few frames for large requests that grow by little", () => {
  const pool = new FramePool();
  const used = new Set<SharedArrayBuffer>();
  for (let size = 16 * MIB; size <= 32 * MIB; size += 100 * KIB) {
    used.add(freed(pool, size).memory);
  }
  assert.ok(used.size <= 17, `${used.size}`);
});

test("FramePool takes over memory that was made elsewhere", () => {
  const pool = new FramePool();
  const memory = new SharedArrayBuffer(2 * MIB - 8);
  const frame = pool.adopt(memory);
  assert.deepEqual([frame.bytes.length, pool.idleBytes], [2 * MIB - 8, 0]);
  frame.release();
  assert.equal(pool.take(1.75 * MIB).memory, memory);
});

test("Frame goes back when its last holder has released it, not before", () => {
  const pool = new FramePool();
  const frame = pool.take(10);
  let freedCount = 0;
  frame.onFree = () => freedCount++;
  frame.retain();
  frame.release();
  assert.deepEqual([freedCount, pool.idleBytes], [0, 0]);
  frame.release();
  assert.deepEqual([freedCount, pool.idleBytes], [1, 16 * KIB]);
  assert.throws(() => frame.release(), /it has no holder any more$/);
});

function freed(pool: FramePool, byteLength: number) {
  const frame = pool.take(byteLength);
  frame.release();
  return frame;
}
