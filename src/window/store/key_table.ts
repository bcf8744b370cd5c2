import { NONE } from "./slab.ts";

const MIN_SLOTS = 1024;

/**
 * Open-addressing table from the hash of a key to the newest session of that
 * key. Keys themselves lie with their sessions: the caller walks the slots of
 * one hash and compares.
 *
 *     slot     0          1          2          3
 *     entries | hash row | hash row | hash NONE | hash row | ...
 *
 * Linear probing; removal shifts the followers back, so there are no marks of
 * removed entries to clean up. A slot number is dead after `insert` or
 * `remove`. The low bits of the hash choose the slot, the high ones the shard.
 */
export class KeyTable {
  #entries = emptyEntries(MIN_SLOTS);
  #mask = MIN_SLOTS - 1;
  #count = 0;

  /** Number of keys. */
  get count(): number {
    return this.#count;
  }

  get bytesHeld(): number {
    return this.#entries.byteLength;
  }

  /** Number of slots; each may hold a row. */
  get slots(): number {
    return this.#mask + 1;
  }

  /** The first slot with this hash, NONE when there is none. */
  first(hash: number): number {
    return this.#probe(hash, hash & this.#mask);
  }

  /** The next slot with this hash behind one, NONE when there is none. */
  next(hash: number, slot: number): number {
    return this.#probe(hash, (slot + 1) & this.#mask);
  }

  #probe(hash: number, from: number): number {
    const entries = this.#entries;
    for (let slot = from; ; slot = (slot + 1) & this.#mask) {
      if (entries[2 * slot + 1]! === NONE) return NONE;
      if (entries[2 * slot]! === hash) return slot;
    }
  }

  /** The row in a slot, NONE when it is empty. */
  rowAt(slot: number): number {
    return this.#entries[2 * slot + 1]!;
  }

  /** Puts another row of the same key into a slot. */
  setRowAt(slot: number, row: number): void {
    this.#entries[2 * slot + 1] = row;
  }

  /** Adds the row of a key that the table does not hold yet. */
  insert(hash: number, row: number): void {
    this.#count++;
    if (this.#count * 3 > this.slots * 2) this.#resize(this.slots * 2);
    this.#place(hash, row);
  }

  /** Empties a slot. */
  remove(slot: number): void {
    const entries = this.#entries;
    if (entries[2 * slot + 1] === NONE) {
      throw new Error("Cannot remove key: its slot is empty");
    }
    let hole = slot;
    for (let at = (slot + 1) & this.#mask; ; at = (at + 1) & this.#mask) {
      const row = entries[2 * at + 1]!;
      if (row === NONE) break;
      const hash = entries[2 * at]!;
      // An entry may move back only as far as the slot that its hash chose.
      const fromHome = (at - hash) & this.#mask;
      if (fromHome < ((at - hole) & this.#mask)) continue;
      entries[2 * hole] = hash;
      entries[2 * hole + 1] = row;
      hole = at;
    }
    entries[2 * hole + 1] = NONE;
    this.#count--;
    const { slots } = this;
    if (slots > MIN_SLOTS && this.#count * 8 < slots) this.#resize(slots / 2);
  }

  #place(hash: number, row: number): void {
    const entries = this.#entries;
    let slot = hash & this.#mask;
    while (entries[2 * slot + 1] !== NONE) slot = (slot + 1) & this.#mask;
    entries[2 * slot] = hash;
    entries[2 * slot + 1] = row;
  }

  #resize(slots: number): void {
    const old = this.#entries;
    this.#entries = emptyEntries(slots);
    this.#mask = slots - 1;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] !== NONE) this.#place(old[at]!, old[at + 1]!);
    }
  }
}

function emptyEntries(slots: number): Int32Array {
  return new Int32Array(2 * slots).fill(NONE);
}
