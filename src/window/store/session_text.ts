import { copyAscii, equalAscii } from "./ascii.ts";
import { byteOffsetOf, intIndexOf, NO_SLAB } from "./slab.ts";
import type { SlabArena } from "./slab_arena.ts";
import type { StringPlace, VisitStrings } from "./visit_strings.ts";

/*
 * A block starts with four words, the strings follow:
 *
 *     | first chunk | time length | key length | user length |
 *     | base time ... | key ... | user ... | spare ... |
 */
const FIRST_CHUNK = 0;
const TIME_LENGTH = 1;
const KEY_LENGTH = 2;
const USER_LENGTH = 3;
const HEADER_BYTES = 16;

/**
 * A cursor over the text blocks of sessions. A block holds what a session has
 * once: its key, the user of the visit that arrived last, and the event time
 * of its first visit, against which the times of the others are stored.
 */
export class SessionText {
  readonly #arena: SlabArena;
  #slab = NO_SLAB;
  #int = 0;
  #start = 0;

  constructor(arena: SlabArena) {
    this.#arena = arena;
  }

  moveTo(address: number): this {
    this.#slab = this.#arena.slabOf(address);
    this.#int = intIndexOf(address);
    this.#start = byteOffsetOf(address) + HEADER_BYTES;
    return this;
  }

  /** Allocates a block for the session of a visit, and moves to it. */
  create(visit: VisitStrings): number {
    const { time, key, user } = visit;
    const userBytes = Math.max(0, user.length);
    const address = this.#arena.allocate(
      HEADER_BYTES + time.length + key.length + userBytes,
    );
    this.moveTo(address);
    this.#slab.ints[this.#int + TIME_LENGTH] = time.length;
    this.#slab.ints[this.#int + KEY_LENGTH] = key.length;
    this.#put(time, this.timeStart);
    this.#put(key, this.keyStart);
    this.#putUser(user);
    return address;
  }

  /** Replaces the user; returns the block's address, a new one if it moved. */
  setUser(address: number, user: StringPlace): number {
    const room = byteOffsetOf(address) + this.#slab.blockBytes - this.userStart;
    if (user.length <= room) {
      this.#putUser(user);
      return address;
    }
    // Half as much again, so that ever longer users cost linear time.
    const grown = this.#grow(address, user.length + (user.length >>> 1));
    this.#putUser(user);
    return grown;
  }

  #grow(address: number, userBytes: number): number {
    const { bytes, userStart } = this;
    const start = byteOffsetOf(address);
    const grown = this.#arena.allocate(userStart - start + userBytes);
    this.moveTo(grown);
    bytes.copy(this.bytes, byteOffsetOf(grown), start, userStart);
    this.#arena.free(address);
    return grown;
  }

  /** Whether this is the block of a session with that key. */
  hasKey(key: StringPlace): boolean {
    return (
      this.keyLength === key.length &&
      equalAscii(this.view, this.keyStart, key.view, key.start, key.length)
    );
  }

  #putUser(user: StringPlace): void {
    this.#slab.ints[this.#int + USER_LENGTH] = user.length;
    if (user.length > 0) this.#put(user, this.userStart);
  }

  #put(string: StringPlace, start: number): void {
    copyAscii(string.view, string.start, this.view, start, string.length);
  }

  /** Where the strings lie. */
  get bytes(): Buffer {
    return this.#slab.bytes;
  }

  /** The same as `bytes`. */
  get view(): DataView {
    return this.#slab.view;
  }

  /** First chunk of the session's visits. */
  get firstChunk(): number {
    return this.#slab.ints[this.#int + FIRST_CHUNK]!;
  }
  set firstChunk(value: number) {
    this.#slab.ints[this.#int + FIRST_CHUNK] = value;
  }

  /** Start of the base time. */
  get timeStart(): number {
    return this.#start;
  }

  get timeLength(): number {
    return this.#slab.ints[this.#int + TIME_LENGTH]!;
  }

  get keyStart(): number {
    return this.#start + this.timeLength;
  }

  get keyLength(): number {
    return this.#slab.ints[this.#int + KEY_LENGTH]!;
  }

  get userStart(): number {
    return this.keyStart + this.keyLength;
  }

  /** Length of the user in bytes, -1 for null. */
  get userLength(): number {
    return this.#slab.ints[this.#int + USER_LENGTH]!;
  }
}
