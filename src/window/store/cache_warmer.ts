import { VISIT } from "../rejection.ts";
import type { VisitColumns } from "../visit_columns.ts";
import type { RowList } from "./row_list.ts";
import type { SessionIndex } from "./session_index.ts";
import { SessionRow } from "./session_row.ts";
import { SessionText } from "./session_text.ts";
import { byteOffsetOf, intIndexOf, NONE } from "./slab.ts";
import type { SlabArena } from "./slab_arena.ts";
import { NEXT_CHUNK } from "./visit_log_format.ts";

/** Visits that are looked at together: their lines fit into the first cache. */
export const WARM_VISITS = 64;

/** Sessions that are looked at together: each takes some twice as many lines. */
export const WARM_SESSIONS = 32;

const CACHE_LINE_BYTES = 64;

/**
 * Looks at the memory that the next visits will need, before they are applied.
 *
 * Sessions lie anywhere in memory, so nearly every visit misses the caches: at
 * its table slot, then at the row, then at the text and the end of the log,
 * each known only when the one before has come. One visit after the other, the
 * processor would wait for each miss in turn. Here each loop takes one of these
 * steps for many visits, whose misses do not depend on each other: they
 * overlap. Nothing is changed, and a wrong guess costs only time.
 */
export class CacheWarmer {
  readonly #arena: SlabArena;
  readonly #index: SessionIndex;
  readonly #row: SessionRow;
  readonly #text: SessionText;
  readonly #rows = new Int32Array(WARM_VISITS);
  readonly #hashes = new Int32Array(WARM_SESSIONS);
  readonly #texts = new Int32Array(WARM_VISITS);
  /** The first chunk of a session, then the one behind it. */
  readonly #chunks = new Int32Array(WARM_SESSIONS);
  readonly #lastChunks = new Int32Array(WARM_VISITS);
  readonly #tails = new Int32Array(WARM_VISITS);
  /** Takes what was read, so that reading it is not optimised away. */
  #sum = 0;

  constructor(arena: SlabArena, index: SessionIndex) {
    this.#arena = arena;
    this.#index = index;
    this.#row = new SessionRow(arena);
    this.#text = new SessionText(arena);
  }

  /** Warms up for the visits from `from` on, at most `WARM_VISITS` of them. */
  warm(visits: VisitColumns, from: number): void {
    const end = Math.min(visits.count, from + WARM_VISITS);
    let count = 0;
    for (let index = from; index < end; index++) {
      if (visits.outcome[index] !== VISIT) continue;
      const row = this.#index.guess(visits.keyHash[index]!);
      if (row !== NONE) this.#rows[count++] = row;
    }
    for (let i = 0; i < count; i++) {
      const row = this.#row.moveTo(this.#rows[i]!);
      this.#texts[i] = row.text;
      this.#lastChunks[i] = row.lastChunk;
      this.#tails[i] = row.tail;
    }
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum += this.#readBlock(this.#texts[i]!);
      sum += this.#readTail(this.#lastChunks[i]!, this.#tails[i]!);
    }
    this.#sum = sum;
  }

  /**
   * Warms up for the firing of sessions: from that row of the list on, at most
   * `WARM_SESSIONS` of them. Rows without a session have no memory to look at.
   */
  warmSessions(due: RowList, from: number): void {
    const end = Math.min(due.length, from + WARM_SESSIONS);
    let count = 0;
    let sum = 0;
    for (let index = from; index < end; index++) {
      const row = this.#row.moveTo(due.rowAt(index));
      if (row.visits === 0) continue;
      this.#hashes[count] = row.keyHash;
      this.#texts[count] = row.text;
      this.#lastChunks[count] = row.lastChunk;
      this.#tails[count++] = row.tail;
    }
    for (let i = 0; i < count; i++) {
      sum += this.#index.guess(this.#hashes[i]!);
      sum += this.#readBlock(this.#texts[i]!);
      this.#chunks[i] = this.#text.moveTo(this.#texts[i]!).firstChunk;
    }
    for (let i = 0; i < count; i++) {
      sum += this.#readBlock(this.#chunks[i]!);
      sum += this.#readTail(this.#lastChunks[i]!, this.#tails[i]!);
      this.#chunks[i] = this.#chunkAfter(
        this.#chunks[i]!,
        this.#lastChunks[i]!,
      );
    }
    for (let i = 0; i < count; i++) sum += this.#readBlock(this.#chunks[i]!);
    this.#sum = sum;
  }

  /** The chunk behind one that is not the last; else the last. */
  #chunkAfter(chunk: number, lastChunk: number): number {
    if (chunk === lastChunk) return lastChunk;
    const { ints } = this.#arena.slabOf(chunk);
    return ints[intIndexOf(chunk) + NEXT_CHUNK]!;
  }

  /** Reads the first lines of a block. */
  #readBlock(address: number): number {
    const { bytes } = this.#arena.slabOf(address);
    const start = byteOffsetOf(address);
    return (
      bytes[start]! +
      bytes[start + CACHE_LINE_BYTES]! +
      bytes[start + 2 * CACHE_LINE_BYTES]!
    );
  }

  /** Reads the end of the visits in a chunk. */
  #readTail(address: number, tail: number): number {
    const { bytes } = this.#arena.slabOf(address);
    return bytes[byteOffsetOf(address) + tail - 1]!;
  }

  /** A number without meaning. */
  get sum(): number {
    return this.#sum;
  }
}
