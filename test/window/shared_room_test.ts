import assert from "node:assert/strict";
import { test } from "node:test";
import { SharedRoom } from "../../src/window/shared_room.ts";

test("SharedRoom grows once for what it was told will follow", () => {
  const room = new SharedRoom(new SharedArrayBuffer(16));
  const memories = new Set([room.memory]);
  for (let at = 0; at < 1_000_000; at += 1000) {
    assert.equal(room.append(1000, 1_000_000 - at - 1000), at);
    memories.add(room.memory);
  }
  assert.equal(memories.size, 2);
  assert.equal(room.memory.byteLength, 1_000_000);
});

test("SharedRoom keeps what is in it when it grows", () => {
  const room = new SharedRoom(new SharedArrayBuffer(4));
  for (const text of ["abcd", "efgh"]) {
    const at = room.append(4);
    room.bytes.write(text, at);
  }
  assert.equal(room.bytes.toString("latin1", 0, 8), "abcdefgh");
});
