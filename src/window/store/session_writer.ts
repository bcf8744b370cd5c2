import { watermarkText } from "../iso_text.ts";
import { copyAscii, viewOf } from "./ascii.ts";
import { PageOrder } from "./page_order.ts";
import type { SessionRow } from "./session_row.ts";
import type { SessionText } from "./session_text.ts";
import type { SlabArena } from "./slab_arena.ts";
import { VisitCursor } from "./visit_cursor.ts";

/** A buffer above this size is given back after the session that needed it. */
const KEPT_BYTES = 1024 * 1024;

/** More than all fixed text before, between and behind the strings. */
const FIXED_BYTES = 512;

/** A text between the strings. Asking a view for its length is a slow call. */
interface FixedText {
  readonly view: DataView;
  readonly length: number;
}

const VISIT_ID = ascii('{"visit_id": "');
const START_TIME = ascii('", "start_time": "');
const END_TIME = ascii('", "end_time": "');
const VISITED_PAGES = ascii('", "visited_pages": [[');
const FIRST_PAGE = ascii('{"page": "');
const NEXT_PAGE = ascii('"}, {"page": "');
const EVENT_TIME = ascii('", "event_time": "');
const NULL = ascii("null");
const LAST_PAGE_END = ascii('"}');
const USER_ID = ascii(']], "user_id": ["');
const USER_ID_END = ascii('"');
const NULL_USER_ID = ascii(']], "user_id": [null');

/**
 * Writes sessions as JSON, straight from the bytes that the store holds: the
 * bytes that Python's `json.dumps` would give. One buffer is used again and
 * again.
 */
export class SessionWriter {
  /** Holds the session that was written last, from its start on. */
  bytes = Buffer.allocUnsafeSlow(KEPT_BYTES);
  #view = viewOf(this.bytes);
  #at = 0;
  readonly #cursor: VisitCursor;
  readonly #order = new PageOrder();
  /** Text between two pages of the session: see `#setMiddle`. */
  #middle = new DataView(new ArrayBuffer(0));
  #middleRoom = 0;
  #middleLength = 0;
  #context: FixedText = ascii("");
  #generationTime = "";
  #watermarkMs = Number.NaN;

  constructor(arena: SlabArena) {
    this.#cursor = new VisitCursor(arena);
  }

  get bytesHeld(): number {
    return this.bytes.length + this.#order.bytesHeld;
  }

  /** Sets what the firings to come are made with. */
  setContext(generationTime: string, watermarkMs: number): void {
    const isSame =
      generationTime === this.#generationTime &&
      watermarkMs === this.#watermarkMs;
    if (isSame) return;
    this.#generationTime = generationTime;
    this.#watermarkMs = watermarkMs;
    this.#context = ascii(
      `], "data_processing_context": {"generation_time": "${generationTime}", "watermark": "${watermarkText(watermarkMs)}"}}`,
    );
  }

  /** Writes a session into `bytes`; returns its length. */
  write(row: SessionRow, text: SessionText): number {
    const { keyLength, timeLength, userLength } = text;
    if (this.bytes.length > KEPT_BYTES) this.#replace(KEPT_BYTES);
    this.#at = 0;
    this.#reserve(FIXED_BYTES + keyLength + 2 * timeLength);
    this.#put(VISIT_ID);
    this.#copy(text.view, text.keyStart, keyLength);
    this.#put(START_TIME);
    const startTimeAt = this.#at;
    this.#at += timeLength;
    this.#put(END_TIME);
    const endTimeAt = this.#at;
    this.#at += timeLength;
    this.#put(VISITED_PAGES);
    const pagesAt = this.#at;
    this.#putPages(row, text);
    this.#reserve(FIXED_BYTES + Math.max(0, userLength));
    this.#put(LAST_PAGE_END);
    this.#order.arrange(this.bytes, pagesAt, this.#at);
    this.#fillTimes(startTimeAt, endTimeAt, timeLength);
    this.#putUser(text);
    this.#put(this.#context);
    return this.#at;
  }

  /** Writes the visits in order of arrival, and tells the order of them. */
  #putPages(row: SessionRow, text: SessionText): void {
    const cursor = this.#cursor;
    const order = this.#order;
    const { timeLength } = text;
    this.#setMiddle(text);
    order.clear();
    cursor.open(row, text);
    this.#put(FIRST_PAGE);
    while (cursor.next()) {
      const { page, change, changedStart } = cursor;
      this.#reserve(FIXED_BYTES + page.length + change.length + timeLength);
      // Null stands without the quotes before and behind it.
      const quote = page.length < 0 ? 1 : 0;
      this.#at -= quote;
      if (quote === 1) this.#put(NULL);
      else this.#copy(page.view, page.start, page.length);
      const timeAt = this.#at + EVENT_TIME.length - quote;
      if (changedStart < 0) {
        this.#copy(EVENT_TIME.view, quote, EVENT_TIME.length - quote);
        this.#copy(change.view, change.start, change.length);
        order.add(this.#view, timeAt, this.#at);
        this.#put(NEXT_PAGE);
        continue;
      }
      this.#copy(this.#middle, quote, this.#middleLength - quote);
      const changedAt = timeAt + changedStart;
      copyAscii(
        change.view,
        change.start,
        this.#view,
        changedAt,
        change.length,
      );
      order.add(this.#view, timeAt, timeAt + timeLength);
    }
    this.#at -= NEXT_PAGE.length;
  }

  /** What stands between two pages, with the base time in it: one copy. */
  #setMiddle({ view, timeStart, timeLength }: SessionText): void {
    const timeEnd = EVENT_TIME.length + timeLength;
    const length = timeEnd + NEXT_PAGE.length;
    if (length > this.#middleRoom) {
      this.#middleRoom = 2 * length;
      this.#middle = new DataView(new ArrayBuffer(this.#middleRoom));
    }
    const middle = this.#middle;
    copyAscii(EVENT_TIME.view, 0, middle, 0, EVENT_TIME.length);
    copyAscii(view, timeStart, middle, EVENT_TIME.length, timeLength);
    copyAscii(NEXT_PAGE.view, 0, middle, timeEnd, NEXT_PAGE.length);
    this.#middleLength = length;
  }

  /** Fills the places that were left for the first and the last time. */
  #fillTimes(startTimeAt: number, endTimeAt: number, room: number): void {
    const { firstStart, firstLength, lastStart, lastLength } = this.#order;
    if (firstLength === room && lastLength === room) {
      copyAscii(this.#view, firstStart, this.#view, startTimeAt, room);
      copyAscii(this.#view, lastStart, this.#view, endTimeAt, room);
      return;
    }
    const first = Buffer.from(
      this.bytes.subarray(firstStart, firstStart + firstLength),
    );
    const last = Buffer.from(
      this.bytes.subarray(lastStart, lastStart + lastLength),
    );
    this.#refill(endTimeAt, room, last);
    this.#refill(startTimeAt, room, first);
  }

  /** Fills a place with a time of another length: moves what is behind. */
  #refill(at: number, room: number, time: Buffer): void {
    this.#reserve(time.length);
    this.bytes.copyWithin(at + time.length, at + room, this.#at);
    this.#at += time.length - room;
    time.copy(this.bytes, at);
  }

  #putUser(text: SessionText): void {
    if (text.userLength < 0) {
      this.#put(NULL_USER_ID);
      return;
    }
    this.#put(USER_ID);
    this.#copy(text.view, text.userStart, text.userLength);
    this.#put(USER_ID_END);
  }

  #put({ view, length }: FixedText): void {
    this.#copy(view, 0, length);
  }

  #copy(from: DataView, start: number, length: number): void {
    copyAscii(from, start, this.#view, this.#at, length);
    this.#at += length;
  }

  /** Makes room for so many bytes more. */
  #reserve(byteLength: number): void {
    const needed = this.#at + byteLength;
    if (needed <= this.bytes.length) return;
    const old = this.bytes;
    this.#replace(Math.max(needed, 2 * old.length));
    old.copy(this.bytes, 0, 0, this.#at);
  }

  #replace(byteLength: number): void {
    this.bytes = Buffer.allocUnsafeSlow(byteLength);
    this.#view = viewOf(this.bytes);
  }
}

function ascii(text: string): FixedText {
  return { view: viewOf(Buffer.from(text, "latin1")), length: text.length };
}
