import { copyAscii, viewOf } from "./ascii.ts";
import type { SessionRow } from "./session_row.ts";
import type { SessionText } from "./session_text.ts";
import type { SlabArena } from "./slab_arena.ts";
import { VisitChunks } from "./visit_chunks.ts";
import { LONG_PAGE, NULL_PAGE, WHOLE_TIME } from "./visit_log_format.ts";
import { StringPlace } from "./visit_strings.ts";

/** Reads the visits of a session: see `visit_log_format.ts`. */
export class VisitCursor {
  /** Page of the visit. */
  readonly page = new StringPlace();
  /** Bytes of the time that differ from the base, or all: `changedStart`. */
  readonly change = new StringPlace();
  /** Where in the base time the change belongs, -1 when it is all the time. */
  changedStart = 0;
  readonly #chunks: VisitChunks;
  readonly #decoded = new StringPlace();
  #at = 0;

  constructor(arena: SlabArena) {
    this.#chunks = new VisitChunks(arena);
    this.#decoded.view = viewOf(Buffer.alloc(WHOLE_TIME));
  }

  /** Stands before the first visit of a session. */
  open(row: SessionRow, text: SessionText): void {
    this.#chunks.open(row, text);
    this.#at = this.#chunks.end;
  }

  /** Moves to the next visit in order of arrival; false when there is none. */
  next(): boolean {
    const chunks = this.#chunks;
    // The first chunk is empty when it had no room for the first visit.
    while (this.#at === chunks.end) {
      if (!chunks.next()) return false;
      this.#at = chunks.start;
    }
    const { bytes, view } = chunks.slab;
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
