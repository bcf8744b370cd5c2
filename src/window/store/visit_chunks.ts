import type { SessionRow } from "./session_row.ts";
import type { SessionText } from "./session_text.ts";
import { byteOffsetOf, intIndexOf, NO_SLAB, NONE } from "./slab.ts";
import type { SlabArena } from "./slab_arena.ts";
import {
  CHUNK_HEADER_BYTES,
  NEXT_CHUNK,
  USED_BYTES,
} from "./visit_log_format.ts";

/** Goes through the chunks of a session: see `visit_log_format.ts`. */
export class VisitChunks {
  /** Where the visits of the chunk are. */
  slab = NO_SLAB;
  start = 0;
  end = 0;
  readonly #arena: SlabArena;
  #nextChunk = NONE;
  #lastChunk = NONE;
  #tail = 0;

  constructor(arena: SlabArena) {
    this.#arena = arena;
  }

  /** Stands before the first chunk of a session. */
  open(row: SessionRow, text: SessionText): void {
    this.#lastChunk = row.lastChunk;
    this.#tail = row.tail;
    this.#nextChunk = text.firstChunk;
  }

  /** Moves to the next chunk; false when there is none. */
  next(): boolean {
    const chunk = this.#nextChunk;
    if (chunk === NONE) return false;
    const slab = this.#arena.slabOf(chunk);
    const words = intIndexOf(chunk);
    const at = byteOffsetOf(chunk);
    const isLast = chunk === this.#lastChunk;
    this.slab = slab;
    this.start = at + CHUNK_HEADER_BYTES;
    this.end = at + (isLast ? this.#tail : slab.ints[words + USED_BYTES]!);
    this.#nextChunk = isLast ? NONE : slab.ints[words + NEXT_CHUNK]!;
    return true;
  }
}
