import { VISIT } from "../rejection.ts";
import type { VisitColumns } from "../visit_columns.ts";
import type { SessionIndex } from "./session_index.ts";
import { SessionRow } from "./session_row.ts";
import { byteOffsetOf, NONE } from "./slab.ts";
import type { SlabArena } from "./slab_arena.ts";

/** Visits that are looked at together: their lines fit into the first cache. */
export const WARM_VISITS = 64;

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
  readonly #rows = new Int32Array(WARM_VISITS);
  readonly #texts = new Int32Array(WARM_VISITS);
  readonly #chunks = new Int32Array(WARM_VISITS);
  readonly #tails = new Int32Array(WARM_VISITS);
  /** Takes what was read, so that reading it is not optimised away. */
  #sum = 0;

  constructor(arena: SlabArena, index: SessionIndex) {
    this.#arena = arena;
    this.#index = index;
    this.#row = new SessionRow(arena);
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
      this.#chunks[i] = row.lastChunk;
      this.#tails[i] = row.tail;
    }
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const text = this.#arena.slabOf(this.#texts[i]!);
      const textStart = byteOffsetOf(this.#texts[i]!);
      const chunk = this.#arena.slabOf(this.#chunks[i]!);
      const tail = byteOffsetOf(this.#chunks[i]!) + this.#tails[i]! - 1;
      sum +=
        text.bytes[textStart]! +
        text.bytes[textStart + CACHE_LINE_BYTES]! +
        text.bytes[textStart + 2 * CACHE_LINE_BYTES]!;
      sum += chunk.bytes[tail]!;
    }
    this.#sum = sum;
  }

  /** A number without meaning. */
  get sum(): number {
    return this.#sum;
  }
}
