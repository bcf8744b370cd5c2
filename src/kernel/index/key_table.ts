import { FAIL_KEY_NOT_IN_TABLE } from "../codes.ts";
import { allocate, free } from "../memory/arena.ts";
import { fail } from "../memory/failure.ts";

/*
 * Open-addressing table from the hash of a key to the newest session of that
 * key. Keys themselves lie with their sessions: the caller walks the slots of
 * one hash and compares.
 *
 *     slot     0              1              2          3
 *     entries | hash session | hash session | hash 0 | hash session | ...
 *
 * Linear probing; removal shifts the followers back, so there are no marks of
 * removed entries to clean up. A slot number is dead after `insertKey` or
 * `removeSlot`. The low bits of the hash choose the slot, the high ones the
 * shard.
 */
const SLOTS_MIN: i32 = 1024;
const ENTRY_SHIFT: usize = 3;
/** No slot. */
export const NO_SLOT: i32 = -1;

const STATE: usize = memory.data(16, 16);
const ENTRIES: usize = 0;
const MASK: usize = 4;
const COUNT: usize = 8;

/** Makes an empty table. */
export function createTable(): void {
  setEntries(SLOTS_MIN);
}

function setEntries(slots: i32): void {
  const byteLength = slots << (<i32>ENTRY_SHIFT);
  const entries = allocate(byteLength);
  memory.fill(entries, 0, byteLength);
  store<usize>(STATE, entries, ENTRIES);
  store<i32>(STATE, slots - 1, MASK);
}

/** Number of slots; each may hold a session. */
export function slotCount(): i32 {
  return load<i32>(STATE, MASK) + 1;
}

/** The first slot with this hash, or NO_SLOT. */
export function firstSlot(hash: i32): i32 {
  return probe(hash, hash & load<i32>(STATE, MASK));
}

/** The next slot with this hash behind one, or NO_SLOT. */
export function nextSlot(hash: i32, slot: i32): i32 {
  return probe(hash, (slot + 1) & load<i32>(STATE, MASK));
}

/** Some bytes of the slot where a search for a hash begins. */
export function slotWord(hash: i32): u32 {
  const slot = hash & load<i32>(STATE, MASK);
  return load<u32>(
    load<usize>(STATE, ENTRIES) + ((<usize>slot) << ENTRY_SHIFT),
  );
}

function probe(hash: i32, from: i32): i32 {
  const entries = load<usize>(STATE, ENTRIES);
  const mask = load<i32>(STATE, MASK);
  let slot = from;
  while (true) {
    const entry = entries + ((<usize>slot) << ENTRY_SHIFT);
    if (load<usize>(entry, 4) === 0) return NO_SLOT;
    if (load<i32>(entry) === hash) return slot;
    slot = (slot + 1) & mask;
  }
}

/** The session in a slot, 0 when it is empty. */
export function sessionAt(slot: i32): usize {
  return load<usize>(entryAt(slot), 4);
}

/** The hash in a slot that has a session. */
export function hashAt(slot: i32): i32 {
  return load<i32>(entryAt(slot));
}

/** The block of all slots. */
export function tableBlock(): usize {
  return load<usize>(STATE, ENTRIES);
}

/** Slots that have a session. */
export function keyCount(): i32 {
  return load<i32>(STATE, COUNT);
}

/** Puts another session of the same key into a slot. */
export function setSessionAt(slot: i32, session: usize): void {
  store<usize>(entryAt(slot), session, 4);
}

function entryAt(slot: i32): usize {
  if (!ASC_NO_ASSERT) assert(<u32>slot < <u32>slotCount());
  return load<usize>(STATE, ENTRIES) + ((<usize>slot) << ENTRY_SHIFT);
}

/** Adds the session of a key that the table does not hold yet. */
export function insertKey(hash: i32, session: usize): void {
  const count = load<i32>(STATE, COUNT) + 1;
  store<i32>(STATE, count, COUNT);
  const slots = slotCount();
  // Two thirds, in an order that does not overflow.
  if (count > slots - slots / 3) resize(slots * 2);
  place(hash, session);
}

/** Empties a slot. */
export function removeSlot(slot: i32): void {
  if (sessionAt(slot) === 0) fail(FAIL_KEY_NOT_IN_TABLE);
  const mask = load<i32>(STATE, MASK);
  let hole = slot;
  for (let at = (slot + 1) & mask; ; at = (at + 1) & mask) {
    const session = sessionAt(at);
    if (session === 0) break;
    const hash = load<i32>(entryAt(at));
    // An entry may move back only as far as the slot that its hash chose.
    if (((at - hash) & mask) < ((at - hole) & mask)) continue;
    store<u64>(entryAt(hole), load<u64>(entryAt(at)));
    hole = at;
  }
  setSessionAt(hole, 0);
  const count = load<i32>(STATE, COUNT) - 1;
  store<i32>(STATE, count, COUNT);
  const slots = mask + 1;
  if (slots > SLOTS_MIN && count < slots >> 3) resize(slots >> 1);
}

function place(hash: i32, session: usize): void {
  const mask = load<i32>(STATE, MASK);
  let slot = hash & mask;
  while (sessionAt(slot) !== 0) slot = (slot + 1) & mask;
  const entry = entryAt(slot);
  store<i32>(entry, hash);
  store<usize>(entry, session, 4);
}

function resize(slots: i32): void {
  const old = load<usize>(STATE, ENTRIES);
  const oldEnd = old + ((<usize>slotCount()) << ENTRY_SHIFT);
  setEntries(slots);
  for (let entry = old; entry < oldEnd; entry += 8) {
    const session = load<usize>(entry, 4);
    if (session !== 0) place(load<i32>(entry), session);
  }
  free(old);
}
