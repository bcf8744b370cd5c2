import { KeyTable } from "./key_table.ts";
import { SessionRow } from "./session_row.ts";
import { SessionText } from "./session_text.ts";
import { NONE } from "./slab.ts";
import type { SlabArena } from "./slab_arena.ts";
import type { StringPlace } from "./visit_strings.ts";

/**
 * The sessions of each key, latest first:
 *
 *     key table --> newest row --older--> row --older--> NONE
 *
 * They neither overlap nor touch, so the order by start is the order by end.
 */
export class SessionIndex {
  readonly #table = new KeyTable();
  readonly #row: SessionRow;
  readonly #text: SessionText;

  constructor(arena: SlabArena) {
    this.#row = new SessionRow(arena);
    this.#text = new SessionText(arena);
  }

  get keys(): number {
    return this.#table.count;
  }

  get bytesHeld(): number {
    return this.#table.bytesHeld;
  }

  /** Row of the latest session of a key, NONE when it has none. */
  newest(keyHash: number, key: StringPlace): number {
    const table = this.#table;
    let slot = table.first(keyHash);
    while (slot !== NONE) {
      const row = table.rowAt(slot);
      if (this.#text.moveTo(this.#row.moveTo(row).text).hasKey(key)) return row;
      slot = table.next(keyHash, slot);
    }
    return NONE;
  }

  /** Row of a session that probably is of that key: the hash fits. */
  guess(keyHash: number): number {
    const slot = this.#table.first(keyHash);
    return slot === NONE ? NONE : this.#table.rowAt(slot);
  }

  /** Puts a new session between two of the same key; either may be NONE. */
  insert(row: SessionRow, newer: number, older: number): void {
    row.older = older;
    if (newer !== NONE) this.#row.moveTo(newer).older = row.address;
    else if (older === NONE) this.#table.insert(row.keyHash, row.address);
    else this.#table.setRowAt(this.#slotOf(row.keyHash, older), row.address);
  }

  /** Takes a session out. */
  remove(row: SessionRow): void {
    const { address, keyHash, older } = row;
    const slot = this.#slotOf(keyHash, address);
    let newer = this.#table.rowAt(slot);
    if (newer !== address) {
      while (this.#row.moveTo(newer).older !== address) newer = this.#row.older;
      this.#row.older = older;
    } else if (older !== NONE) this.#table.setRowAt(slot, older);
    else this.#table.remove(slot);
  }

  /** The slot of the key that has a session. */
  #slotOf(keyHash: number, address: number): number {
    const table = this.#table;
    let slot = table.first(keyHash);
    while (slot !== NONE) {
      let row = table.rowAt(slot);
      while (row !== NONE && row !== address) row = this.#row.moveTo(row).older;
      if (row === address) return slot;
      slot = table.next(keyHash, slot);
    }
    throw new Error("Cannot find session: its key is not in the table");
  }

  /** All rows; the sessions must stay as they are meanwhile. */
  *rows(): Generator<number> {
    for (let slot = 0; slot < this.#table.slots; slot++) {
      let row = this.#table.rowAt(slot);
      while (row !== NONE) {
        yield row;
        row = this.#row.moveTo(row).older;
      }
    }
  }
}
