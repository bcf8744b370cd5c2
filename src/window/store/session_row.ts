import { doubleIndexOf, intIndexOf, NO_SLAB, NONE } from "./slab.ts";
import type { SlabArena } from "./slab_arena.ts";

/** A row is one cache line. */
export const ROW_BYTES = 64;

/*
 * Places of the fields. Those that every visit needs come first:
 *
 *     byte 0        8        16     20     24     28     32     36     40
 *          | startMs | endMs | hash | older | text | last | tail | visits |
 *          | unfired | revision | ticket | idPartition | idOffset  |
 *          40        44         48       52            56          64
 */
const START_MS = 0;
const END_MS = 1;
const ID_OFFSET = 7;
const KEY_HASH = 4;
const OLDER = 5;
const TEXT = 6;
const LAST_CHUNK = 7;
const TAIL = 8;
const VISITS = 9;
const UNFIRED = 10;
const REVISION = 11;
const TICKET = 12;
const ID_PARTITION = 13;

/**
 * A cursor over session rows: `moveTo` one, then read and write its fields by
 * name. A session waits for its end exactly while it holds visits that no
 * firing has held, so there is no field for its state.
 */
export class SessionRow {
  /** The row that the cursor stands on. */
  address = NONE;
  readonly #arena: SlabArena;
  #ints = NO_SLAB.ints;
  #doubles = NO_SLAB.doubles;
  #int = 0;
  #double = 0;

  constructor(arena: SlabArena) {
    this.#arena = arena;
  }

  moveTo(address: number): this {
    const slab = this.#arena.slabOf(address);
    this.address = address;
    this.#ints = slab.ints;
    this.#doubles = slab.doubles;
    this.#int = intIndexOf(address);
    this.#double = doubleIndexOf(address);
    return this;
  }

  /** Exchanges the texts and visits of two sessions of one key. */
  swapMemory(other: SessionRow): void {
    const { text, lastChunk, tail } = this;
    this.text = other.text;
    this.lastChunk = other.lastChunk;
    this.tail = other.tail;
    other.text = text;
    other.lastChunk = lastChunk;
    other.tail = tail;
  }

  /** Timestamp of the earliest visit: the start of the window. */
  get startMs(): number {
    return this.#doubles[this.#double + START_MS]!;
  }
  set startMs(value: number) {
    this.#doubles[this.#double + START_MS] = value;
  }

  /** End of the window: the latest timestamp plus the gap. */
  get endMs(): number {
    return this.#doubles[this.#double + END_MS]!;
  }
  set endMs(value: number) {
    this.#doubles[this.#double + END_MS] = value;
  }

  get keyHash(): number {
    return this.#ints[this.#int + KEY_HASH]!;
  }
  set keyHash(value: number) {
    this.#ints[this.#int + KEY_HASH] = value;
  }

  /** Row of the next earlier session of the same key, or NONE. */
  get older(): number {
    return this.#ints[this.#int + OLDER]!;
  }
  set older(value: number) {
    this.#ints[this.#int + OLDER] = value;
  }

  /** Block with the key, the user and the base time: see `SessionText`. */
  get text(): number {
    return this.#ints[this.#int + TEXT]!;
  }
  set text(value: number) {
    this.#ints[this.#int + TEXT] = value;
  }

  /** The chunk that the next visit is appended to: see `VisitLog`. */
  get lastChunk(): number {
    return this.#ints[this.#int + LAST_CHUNK]!;
  }
  set lastChunk(value: number) {
    this.#ints[this.#int + LAST_CHUNK] = value;
  }

  /** Bytes in use in the last chunk. */
  get tail(): number {
    return this.#ints[this.#int + TAIL]!;
  }
  set tail(value: number) {
    this.#ints[this.#int + TAIL] = value;
  }

  get visits(): number {
    return this.#ints[this.#int + VISITS]!;
  }
  set visits(value: number) {
    this.#ints[this.#int + VISITS] = value;
  }

  /** Visits that no firing has held. */
  get unfired(): number {
    return this.#ints[this.#int + UNFIRED]!;
  }
  set unfired(value: number) {
    this.#ints[this.#int + UNFIRED] = value;
  }

  /** Revision of the last firing, -1 before the first. */
  get revision(): number {
    return this.#ints[this.#int + REVISION]!;
  }
  set revision(value: number) {
    this.#ints[this.#int + REVISION] = value;
  }

  /** Number of the row's valid entry in the deadlines: see `DeadlineWheel`. */
  get ticket(): number {
    return this.#ints[this.#int + TICKET]!;
  }
  set ticket(value: number) {
    this.#ints[this.#int + TICKET] = value;
  }

  /** Partition of the visit that opened the session. */
  get idPartition(): number {
    return this.#ints[this.#int + ID_PARTITION]!;
  }
  set idPartition(value: number) {
    this.#ints[this.#int + ID_PARTITION] = value;
  }

  /** Offset of the visit that opened the session. */
  get idOffset(): number {
    return this.#doubles[this.#double + ID_OFFSET]!;
  }
  set idOffset(value: number) {
    this.#doubles[this.#double + ID_OFFSET] = value;
  }
}
