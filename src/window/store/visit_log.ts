import { copyAscii, sharedEnd, sharedStart } from "./ascii.ts";
import type { SessionRow } from "./session_row.ts";
import type { SessionText } from "./session_text.ts";
import { byteOffsetOf, intIndexOf, NONE } from "./slab.ts";
import type { SlabArena } from "./slab_arena.ts";
import { VisitCursor } from "./visit_cursor.ts";
import {
  CHUNK_HEADER_BYTES,
  LONG_PAGE,
  NEXT_CHUNK,
  NULL_PAGE,
  SHARED_TIME_MAX,
  USED_BYTES,
  WHOLE_TIME,
} from "./visit_log_format.ts";
import type { StringPlace } from "./visit_strings.ts";

/** The first chunk has room for some six usual visits. */
const FIRST_CHUNK_BYTES = 128;

/** Chunks grow by a quarter up to here, so that little of the last is idle. */
const CHUNK_BYTES_MAX = 64 * 1024;

/** The strings of a visit that are kept with its session one by one. */
export interface LoggedVisit {
  readonly time: StringPlace;
  readonly page: StringPlace;
}

/** Appends to the visits of sessions: see `visit_log_format.ts`. */
export class VisitLog {
  readonly #arena: SlabArena;
  readonly #cursor: VisitCursor;
  /** Where the time that is being appended differs from the base time. */
  #changedStart = 0;
  #changedEnd = 0;

  constructor(arena: SlabArena) {
    this.#arena = arena;
    this.#cursor = new VisitCursor(arena);
  }

  /** Gives a new session its first, empty chunk. */
  create(row: SessionRow, text: SessionText): void {
    const chunk = this.#allocateChunk(FIRST_CHUNK_BYTES);
    text.firstChunk = chunk;
    row.lastChunk = chunk;
    row.tail = CHUNK_HEADER_BYTES;
  }

  /** Appends a visit to a session's; `row` and `text` stand on the session. */
  append(row: SessionRow, text: SessionText, visit: LoggedVisit): void {
    const { time, page } = visit;
    const isShared = this.#compareWithBase(text, time);
    const timeBytes = isShared
      ? this.#changedEnd - this.#changedStart
      : 4 + time.length;
    const isLongPage = page.length >= LONG_PAGE;
    const pageBytes = (isLongPage ? 4 : 0) + Math.max(0, page.length);
    const at = this.#reserve(row, 3 + timeBytes + pageBytes);
    const { bytes, view } = this.#arena.slabOf(row.lastChunk);

    let end = at + 3;
    bytes[at] = isShared ? this.#changedStart : WHOLE_TIME;
    bytes[at + 1] = isShared ? timeBytes : 0;
    bytes[at + 2] =
      page.length < 0 ? NULL_PAGE : isLongPage ? LONG_PAGE : page.length;
    if (!isShared) {
      view.setInt32(end, time.length, true);
      end += 4;
    }
    if (isLongPage) {
      view.setInt32(end, page.length, true);
      end += 4;
    }
    const skipped = isShared ? this.#changedStart : 0;
    const copied = isShared ? timeBytes : time.length;
    copyAscii(time.view, time.start + skipped, view, end, copied);
    end += copied;
    if (page.length > 0) {
      copyAscii(page.view, page.start, view, end, page.length);
    }
  }

  /**
   * Finds the part of a time that is not as in the base time. False when there
   * is no use in that: then the time is stored whole.
   */
  #compareWithBase(text: SessionText, time: StringPlace): boolean {
    const { length } = time;
    if (length !== text.timeLength || length > SHARED_TIME_MAX) return false;
    const { view: base, timeStart: baseStart } = text;
    const { view, start } = time;
    const from = sharedStart(base, baseStart, view, start, length);
    const to = sharedEnd(base, baseStart, view, start, length, from);
    this.#changedStart = from;
    this.#changedEnd = to;
    return true;
  }

  /** Makes room in the last chunk; returns where in its slab that is. */
  #reserve(row: SessionRow, byteLength: number): number {
    const { lastChunk, tail } = row;
    const { blockBytes, ints } = this.#arena.slabOf(lastChunk);
    if (tail + byteLength <= blockBytes) {
      row.tail = tail + byteLength;
      return byteOffsetOf(lastChunk) + tail;
    }
    const grown = Math.min(CHUNK_BYTES_MAX, blockBytes + (blockBytes >>> 2));
    const chunk = this.#allocateChunk(
      Math.max(grown, CHUNK_HEADER_BYTES + byteLength),
    );
    ints[intIndexOf(lastChunk) + USED_BYTES] = tail;
    ints[intIndexOf(lastChunk) + NEXT_CHUNK] = chunk;
    row.lastChunk = chunk;
    row.tail = CHUNK_HEADER_BYTES + byteLength;
    return byteOffsetOf(chunk) + CHUNK_HEADER_BYTES;
  }

  #allocateChunk(byteLength: number): number {
    const chunk = this.#arena.allocate(byteLength);
    const { ints } = this.#arena.slabOf(chunk);
    ints[intIndexOf(chunk) + NEXT_CHUNK] = NONE;
    return chunk;
  }

  /** Appends the visits of another session in their order of arrival. */
  appendAll(
    row: SessionRow,
    text: SessionText,
    others: {
      readonly row: SessionRow;
      readonly text: SessionText;
    },
  ): void {
    const cursor = this.#cursor;
    cursor.open(others.row, others.text);
    while (cursor.next()) {
      const time = cursor.decodeTime(others.text);
      this.append(row, text, { time, page: cursor.page });
    }
  }

  /** Gives back all chunks of a session. */
  free(text: SessionText): void {
    let chunk = text.firstChunk;
    while (chunk !== NONE) {
      const { ints } = this.#arena.slabOf(chunk);
      const next = ints[intIndexOf(chunk) + NEXT_CHUNK]!;
      this.#arena.free(chunk);
      chunk = next;
    }
  }
}
