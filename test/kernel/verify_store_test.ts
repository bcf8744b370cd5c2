import assert from "node:assert/strict";
import { test } from "node:test";
import * as faults from "../../src/kernel/verify/faults.ts";
import { OpenStore } from "../support/open_store.ts";
import { GAP_MS } from "../support/small_windows.ts";
import { type Fault, faultSentence } from "../support/store_faults.ts";

const PUT_IN: readonly [string, Fault, (open: OpenStore) => void][] = [
  [
    "a chain that is cut",
    faults.FAULT_ENTRY_WITHOUT_SESSION,
    (open) => open.set("a", "OLDER", 0),
  ],
  [
    "a chain that goes in a circle",
    faults.FAULT_HELD_TWICE,
    (open) => open.set("a", "OLDER", open.session("a")),
  ],
  [
    "a chain that goes astray",
    faults.FAULT_NO_BLOCK,
    (open) => open.set("a", "OLDER", open.session("a") + 32),
  ],
  [
    "a chain that leads to another key",
    faults.FAULT_CHAIN_KEY,
    (open) => {
      const lives = open.slot("lives");
      open.set("single", "OLDER", open.session("lives"));
      open.memory.writeInt32LE(0, open.entry(lives) + 4);
    },
  ],
  [
    "a session that reaches into the next",
    faults.FAULT_CHAIN_ORDER,
    (open) => open.addMs("a", "START_MS", -50_000),
  ],
  [
    "a window that is too short",
    faults.FAULT_WINDOW,
    (open) => open.addMs("single", "END_MS", -GAP_MS),
  ],
  [
    "another hash in a session",
    faults.FAULT_HASH,
    (open) => open.set("a", "KEY_HASH", open.get("a", "KEY_HASH") ^ 1),
  ],
  [
    "another hash in session and table",
    faults.FAULT_HASH,
    (open) => {
      const entry = open.entry(open.slot("lives"));
      const hash = open.get("lives", "KEY_HASH") ^ 1024;
      open.set("lives", "KEY_HASH", hash);
      open.memory.writeInt32LE(hash, entry);
    },
  ],
  [
    "a key in a slot that no search comes to",
    faults.FAULT_PROBE,
    (open) => {
      const entry = open.entry(open.slot("lives"));
      let free = 0;
      while (open.calls.sessionAt(free) !== 0 || isNear(free, entry, open)) {
        free++;
      }
      open.memory.copy(open.memory, open.entry(free), entry, entry + 8);
      open.memory.writeInt32LE(0, entry + 4);
    },
  ],
  [
    "a key that is gone from its slot",
    faults.FAULT_KEY_COUNT,
    (open) => open.memory.writeInt32LE(0, open.entry(open.slot("long")) + 4),
  ],
  [
    "more visits than there are",
    faults.FAULT_LOG_VISITS,
    (open) => {
      open.set("lives", "VISITS", 2);
      open.set("lives", "UNFIRED", 2);
    },
  ],
  [
    "more unfired visits than visits",
    faults.FAULT_SESSION_COUNTS,
    (open) => open.set("a", "UNFIRED", 2),
  ],
  [
    "a log that ends too early",
    faults.FAULT_LOG_VISITS,
    (open) => open.set("long", "TAIL", open.get("long", "TAIL") - 1),
  ],
  [
    "a log without its last chunks",
    faults.FAULT_LOG_CHUNKS,
    (open) => open.memory.writeInt32LE(0, open.get("long", "FIRST_CHUNK")),
  ],
  [
    "a log of another session",
    faults.FAULT_HELD_TWICE,
    (open) => open.set("a", "FIRST_CHUNK", open.get("long", "FIRST_CHUNK")),
  ],
  [
    "a user that is too long",
    faults.FAULT_USER,
    (open) => open.set("single", "USER_LENGTH", 10_000),
  ],
  [
    "a session without a deadline",
    faults.FAULT_ENTRY_MISSING,
    (open) => open.set("a", "TICKET", -1),
  ],
  [
    "a deadline that comes too late",
    faults.FAULT_ENTRY_TOO_LATE,
    (open) => {
      open.addMs("lives", "START_MS", -1e7);
      open.addMs("lives", "END_MS", -1e7);
    },
  ],
  [
    "a change that is not listed",
    faults.FAULT_LOGGED,
    (open) => open.set("long", "CHANGED_AT", 0),
  ],
  [
    "a change at another place of the list",
    faults.FAULT_CHANGED,
    (open) => open.set("long", "CHANGED_AT", 1),
  ],
  [
    "a place in the log where no visit ends",
    faults.FAULT_LOGGED,
    (open) =>
      open.set("lives", "LOGGED_PLACE", open.get("lives", "LOGGED_PLACE") - 1),
  ],
  [
    "a session that the log has not, but lists",
    faults.FAULT_PUTS,
    (open) => open.set("long", "PUT_COMMIT", 1),
  ],
  [
    "another number of bytes in the log",
    faults.FAULT_PUTS,
    (open) => open.set("lives", "LOGGED_BYTES", 1),
  ],
  [
    "another number of sessions",
    faults.FAULT_OPEN_SESSIONS,
    (open) => open.calls.countSession(),
  ],
  [
    "another number of visits",
    faults.FAULT_OPEN_VISITS,
    (open) => open.calls.countVisit(),
  ],
  [
    "a block that nothing holds",
    faults.FAULT_NOT_HELD,
    (open) => open.calls.allocate(100),
  ],
  [
    "a freed block that is in use",
    faults.FAULT_HELD_TWICE,
    (open) => open.set("single", "OLDER", open.freed),
  ],
  [
    "a block in use that was freed",
    faults.FAULT_HELD_TWICE,
    (open) => open.calls.free(open.get("long", "FIRST_CHUNK")),
  ],
  [
    "a freed block that was written",
    faults.FAULT_FREED_WRITTEN,
    (open) => open.memory.writeInt8(1, open.freed + 40),
  ],
  [
    "a list of free blocks that goes in a circle",
    faults.FAULT_FREE_LIST,
    (open) => open.memory.writeInt32LE(open.freed, open.freed),
  ],
  [
    "a list of free blocks that is cut",
    faults.FAULT_FREE_LIST,
    (open) => open.memory.writeInt32LE(0, open.freed),
  ],
];

for (const [name, fault, putIn] of PUT_IN) {
  test(`verifyStore() finds ${name}`, () => {
    const open = new OpenStore();
    assert.equal(open.fault, faults.FAULT_NONE);
    putIn(open);
    assert.equal(faultSentence(open.fault), faultSentence(fault));
  });
}

test("verifyStore() changes nothing", () => {
  const open = new OpenStore();
  const { kernel } = open.store;
  const slabsAt = kernel.calls.constantsEnd();
  const before = Buffer.from(kernel.bytes.subarray(slabsAt));
  assert.equal(open.fault, faults.FAULT_NONE);
  assert.equal(before.compare(kernel.bytes.subarray(slabsAt)), 0);
});

/** Whether a search for the key of an entry would pass a slot. */
function isNear(slot: number, entry: number, open: OpenStore): boolean {
  const mask = open.calls.slotCount() - 1;
  const home = open.memory.readInt32LE(entry) & mask;
  return ((slot - home) & mask) < 8;
}
