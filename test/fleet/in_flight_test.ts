import assert from "node:assert/strict";
import { test } from "node:test";
import { DealtChunk } from "../../src/fleet/dealt_chunk.ts";
import { InFlight } from "../../src/fleet/in_flight.ts";
import { chunkOf } from "../support/built_chunk.ts";

test("InFlight has room for one more chunk like the last ones", () => {
  const inFlight = new InFlight(100);
  assert.equal(inFlight.hasRoom, true);
  const bytes = [inFlight.add(40, 4), inFlight.add(40, 4)];
  assert.deepEqual(bytes, [40, 40]);
  assert.equal(inFlight.hasRoom, false);
  inFlight.remove(40);
  assert.equal(inFlight.hasRoom, true);
});

test("InFlight takes any chunk when it has none, also a large one", () => {
  const inFlight = new InFlight(100);
  const bytes = inFlight.add(1000, 1);
  assert.equal(inFlight.hasRoom, false);
  inFlight.remove(bytes);
  assert.equal(inFlight.hasRoom, true);
  // Small ones are small again after a while.
  for (let i = 0; i < 30; i++) inFlight.remove(inFlight.add(10, 1));
  inFlight.add(10, 1);
  assert.equal(inFlight.hasRoom, true);
});

test("InFlight counts packed records as unpacked ones, as far as it knows", () => {
  const inFlight = new InFlight(10_000);
  const first = inFlight.add(100, 10);
  assert.equal(first, 100);
  inFlight.correct(first, 1000);
  inFlight.learn({ count: 10, byteLength: 1000 });
  assert.equal(inFlight.bytes, 1000);
  assert.equal(inFlight.add(100, 7), 700);
  assert.equal(inFlight.add(900, 7), 900);
});

test("InFlight takes one packed chunk before it knows how large they are", () => {
  const inFlight = new InFlight(10_000);
  const first = inFlight.addPacked(100, 10);
  assert.deepEqual([first, inFlight.hasRoom], [10_000, false]);
  inFlight.correct(first, 1000);
  inFlight.learn({ count: 10, byteLength: 1000 });
  assert.equal(inFlight.hasRoom, true);
  assert.equal(inFlight.addPacked(100, 10), 1000);
  inFlight.remove(1000);
  inFlight.remove(1000);
  assert.equal(inFlight.bytes, 0);
});

test("InFlight says when there is more than the limit allows", () => {
  const inFlight = new InFlight(100);
  const first = inFlight.add(100, 1);
  assert.equal(inFlight.isOver, false);
  inFlight.correct(first, 101);
  assert.equal(inFlight.isOver, true);
});

test("a packed chunk counts as it claims to unpack to, twice where it is kept", () => {
  const records = [{ key: null, value: "visit ".repeat(5000) }];
  const chunk = chunkOf([{ baseOffset: 0, records, compression: "gzip" }]);
  assert.ok(chunk.byteLength < 1000, `${chunk.byteLength} bytes packed`);
  const countOf = (keepsUnpacked: boolean) => {
    const inFlight = new InFlight(1 << 20);
    // Those before it were small.
    inFlight.learn({ count: 100, byteLength: 1000 });
    const { byteLength } = new DealtChunk(chunk, inFlight, { keepsUnpacked });
    assert.equal(inFlight.bytes, byteLength);
    return byteLength;
  };
  const once = countOf(false);
  assert.ok(once > 30_000 && once < 30_100, `${once} bytes`);
  assert.equal(countOf(true), 2 * once);
});

test("InFlight throws when more is applied than was under way", () => {
  const inFlight = new InFlight(100);
  inFlight.add(10, 1);
  assert.throws(() => inFlight.remove(11), /11 bytes less are -1/);
});
