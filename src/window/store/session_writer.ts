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

const VISIT_ID = ascii('{"visit_id": "');
const START_TIME = ascii('", "start_time": "');
const END_TIME = ascii('", "end_time": "');
const VISITED_PAGES = ascii('", "visited_pages": [[');
const FIRST_PAGE = ascii('{"page": "');
const FIRST_NULL_PAGE = ascii('{"page": null, "event_time": "');
const NEXT_PAGE = ascii('"}, {"page": "');
const NEXT_NULL_PAGE = ascii('"}, {"page": null, "event_time": "');
const EVENT_TIME = ascii('", "event_time": "');
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
  #context = ascii("");
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
    const { view: baseView, timeStart: baseStart, timeLength } = text;
    order.clear();
    cursor.open(row, text);
    while (cursor.next()) {
      const { page, change, changedStart } = cursor;
      this.#reserve(FIXED_BYTES + page.length + change.length + timeLength);
      const isFirst = order.count === 0;
      if (page.length < 0) {
        this.#put(isFirst ? FIRST_NULL_PAGE : NEXT_NULL_PAGE);
      } else {
        this.#put(isFirst ? FIRST_PAGE : NEXT_PAGE);
        this.#copy(page.view, page.start, page.length);
        this.#put(EVENT_TIME);
      }
      const timeAt = this.#at;
      if (changedStart < 0) {
        this.#copy(change.view, change.start, change.length);
      } else {
        this.#copy(baseView, baseStart, timeLength);
        copyAscii(
          change.view,
          change.start,
          this.#view,
          timeAt + changedStart,
          change.length,
        );
      }
      order.add(this.#view, timeAt, this.#at);
    }
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

  #put(text: DataView): void {
    this.#copy(text, 0, text.byteLength);
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

function ascii(text: string): DataView {
  return viewOf(Buffer.from(text, "latin1"));
}
