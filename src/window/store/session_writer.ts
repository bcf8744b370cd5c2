import { watermarkText } from "../iso_text.ts";
import { copyAscii, viewOf } from "./ascii.ts";
import { type FormatRoom, PageFormatter } from "./page_formatter.ts";
import { PageOrder } from "./page_order.ts";
import type { SessionRow } from "./session_row.ts";
import type { SessionText } from "./session_text.ts";
import type { SlabArena } from "./slab_arena.ts";
import { VisitChunks } from "./visit_chunks.ts";

/** What nearly all sessions fit into; others get a formatter of their own. */
const USUAL_ROOM: FormatRoom = {
  pages: 4096,
  chunkBytes: 64 * 1024,
  textBytes: 1024 * 1024,
};

/** More than all fixed text before and behind the pages. */
const FIXED_BYTES = 512;

/** More than the fixed text of a page. */
const FIXED_PAGE_BYTES = 40;

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
const LAST_PAGE_END = ascii('"}');
const USER_ID = ascii(']], "user_id": ["');
const USER_ID_END = ascii('"');
const NULL_USER_ID = ascii(']], "user_id": [null');

/**
 * Writes sessions as JSON, straight from the bytes that the store holds: the
 * bytes that Python's `json.dumps` would give.
 */
export class SessionWriter {
  readonly #usual = new PageFormatter(USUAL_ROOM);
  #pages = this.#usual;
  readonly #chunks: VisitChunks;
  readonly #order = new PageOrder();
  #at = 0;
  #context: FixedText = ascii("");
  #generationTime = "";
  #watermarkMs = Number.NaN;

  constructor(arena: SlabArena) {
    this.#chunks = new VisitChunks(arena);
  }

  /** Holds the session that was written last, from its start on. */
  get bytes(): Buffer {
    return this.#pages.bytes;
  }

  get bytesHeld(): number {
    return this.#usual.bytesHeld;
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
    const room = this.#roomOf(row, text);
    this.#pages = this.#usual.holds(room)
      ? this.#usual
      : new PageFormatter(room);
    const { keyLength, timeLength } = text;
    this.#at = 0;
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
    this.#order.arrange(this.#pages, pagesAt, this.#at);
    this.#fillTimes(startTimeAt, endTimeAt, timeLength);
    this.#putUser(text);
    this.#put(this.#context);
    return this.#at;
  }

  /** What the session takes, rather too much than too little. */
  #roomOf(row: SessionRow, text: SessionText): FormatRoom {
    const { timeLength, keyLength, userLength } = text;
    const chunks = this.#chunks;
    let chunkBytes = 0;
    let visitBytes = 0;
    chunks.open(row, text);
    while (chunks.next()) {
      const length = chunks.end - chunks.start;
      chunkBytes = Math.max(chunkBytes, length);
      visitBytes += length;
    }
    const strings = keyLength + Math.max(0, userLength) + this.#context.length;
    const ownBytes = FIXED_BYTES + strings + 2 * timeLength;
    const pagesBytes = row.visits * (FIXED_PAGE_BYTES + timeLength);
    // Twice more, should the first and the last time be much longer.
    const textBytes = ownBytes + pagesBytes + 3 * visitBytes;
    return { pages: row.visits, chunkBytes, textBytes };
  }

  /** Writes the visits in order of arrival. */
  #putPages(row: SessionRow, text: SessionText): void {
    const pages = this.#pages;
    const chunks = this.#chunks;
    this.#put(FIRST_PAGE);
    pages.begin(text);
    chunks.open(row, text);
    while (chunks.next()) {
      this.#at = pages.add(chunks.slab, chunks.start, chunks.end, this.#at);
    }
    this.#at -= pages.separatorLength;
    this.#put(LAST_PAGE_END);
  }

  /** Fills the places that were left for the first and the last time. */
  #fillTimes(startTimeAt: number, endTimeAt: number, room: number): void {
    const { firstStart, firstLength, lastStart, lastLength } = this.#order;
    if (firstLength === room && lastLength === room) {
      const { view } = this.#pages;
      copyAscii(view, firstStart, view, startTimeAt, room);
      copyAscii(view, lastStart, view, endTimeAt, room);
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
    copyAscii(from, start, this.#pages.view, this.#at, length);
    this.#at += length;
  }
}

function ascii(text: string): FixedText {
  return { view: viewOf(Buffer.from(text, "latin1")), length: text.length };
}
