import { copyAscii, viewOf } from "./ascii.ts";
import type { SessionRow } from "./session_row.ts";
import type { SessionText } from "./session_text.ts";
import { byteOffsetOf, intIndexOf, NO_SLAB, NONE } from "./slab.ts";
import type { SlabArena } from "./slab_arena.ts";
import {
  CHUNK_HEADER_BYTES,
  LONG_PAGE,
  NEXT_CHUNK,
  NULL_PAGE,
  USED_BYTES,
  WHOLE_TIME,
} from "./visit_log_format.ts";
import { StringPlace } from "./visit_strings.ts";

/** Reads the visits of a session: see `visit_log_format.ts`. */
export class VisitCursor {
  /** Page of the visit. */
  readonly page = new StringPlace();
  /** Bytes of the time that differ from the base, or all: `changedStart`. */
  readonly change = new StringPlace();
  /** Where in the base time the change belongs, -1 when it is all the time. */
  changedStart = 0;
  readonly #arena: SlabArena;
  readonly #decoded = new StringPlace();
  #slab = NO_SLAB;
  #at = 0;
  #end = 0;
  #nextChunk = NONE;
  #lastChunk = NONE;
  #tail = 0;

  constructor(arena: SlabArena) {
    this.#arena = arena;
    this.#decoded.view = viewOf(Buffer.alloc(WHOLE_TIME));
  }

  /** Stands before the first visit of a session. */
  open(row: SessionRow, text: SessionText): void {
    this.#lastChunk = row.lastChunk;
    this.#tail = row.tail;
    this.#openChunk(text.firstChunk);
  }

  #openChunk(chunk: number): void {
    const slab = this.#arena.slabOf(chunk);
    const words = intIndexOf(chunk);
    const start = byteOffsetOf(chunk);
    const isLast = chunk === this.#lastChunk;
    this.#slab = slab;
    this.#nextChunk = isLast ? NONE : slab.ints[words + NEXT_CHUNK]!;
    this.#at = start + CHUNK_HEADER_BYTES;
    this.#end = start + (isLast ? this.#tail : slab.ints[words + USED_BYTES]!);
  }

  /** Moves to the next visit in order of arrival; false when there is none. */
  next(): boolean {
    if (this.#at === this.#end) {
      if (this.#nextChunk === NONE) return false;
      this.#openChunk(this.#nextChunk);
    }
    const { bytes, view } = this.#slab;
    const at = this.#at;
    const first = bytes[at]!;
    let timeLength = bytes[at + 1]!;
    let pageLength = bytes[at + 2]!;
    let start = at + 3;
    if (first === WHOLE_TIME) {
      timeLength = view.getInt32(start, true);
      start += 4;
    }
    if (pageLength === LONG_PAGE) {
      pageLength = view.getInt32(start, true);
      start += 4;
    } else if (pageLength === NULL_PAGE) {
      pageLength = -1;
    }
    this.changedStart = first === WHOLE_TIME ? -1 : first;
    this.change.set(view, start, timeLength);
    this.page.set(view, start + timeLength, pageLength);
    this.#at = start + timeLength + Math.max(0, pageLength);
    return true;
  }

  /** The whole time of the visit, valid until the next call. */
  decodeTime(text: SessionText): StringPlace {
    const { change, changedStart } = this;
    if (changedStart < 0) return change;
    const { view } = this.#decoded;
    const { timeStart, timeLength } = text;
    copyAscii(text.view, timeStart, view, 0, timeLength);
    copyAscii(change.view, change.start, view, changedStart, change.length);
    this.#decoded.length = timeLength;
    return this.#decoded;
  }
}
