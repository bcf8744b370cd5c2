import { mix32, Random } from "./random.ts";
import { renderVisitContext } from "./visit_context.ts";

/** What stands between the `visit_id` and the event time, to the second. */
export const BEFORE_EVENT_TIME = '", "event_time": "';

/** Where the `visit_id` begins in the JSON of every visit, in bytes. */
export const VISIT_ID_OFFSET = '{"visit_id": "'.length;

const PAGES = [
  "index",
  "contact",
  "home",
  "main",
  "about",
  "categories",
  ...Array.from({ length: 20 }, (_, i) => `category_${i + 1}`),
  ...Array.from({ length: 20 }, (_, i) => `page_${i + 1}`),
];
const NAMED_PAGE_COUNT = 6;
const CONTEXT_COUNT = 2048;
const SECONDS_PER_DAY = 86_400;
const HEX = Buffer.from("0123456789abcdef");
const DASH = 0x2d;
const ZERO = 0x30;

/** A visit to be written; one object may serve for all. */
export interface Visit {
  /** Serial number of the visitor. */
  serial: number;
  /** Seconds since the epoch. */
  eventSeconds: number;
  /** From `pickPage`. */
  page: number;
}

/**
 * Writes visits as JSON bytes. A visitor is its serial number: user, privacy
 * and context are hashes of it, so that nothing of them has to be kept.
 */
export class VisitWriter {
  /** What stands before the serial number in each `visit_id`. */
  readonly visitIdPrefix: string;
  readonly #salt: number;
  readonly #head: Buffer;
  readonly #middle: Buffer;
  readonly #dateAt: number;
  readonly #pages: Buffer[];
  readonly #contexts: Buffer[];
  #day = Number.NaN;

  /** `mark`: what all `visit_id`s begin with. */
  constructor(seed: number, startTimeMs: number, mark = "") {
    const random = new Random(seed);
    this.#salt = random.next();
    // Like the thread ids that the ids of the Python generator begin with.
    const digits = 140_000_000_000_000 + random.next() * 16;
    this.visitIdPrefix = `${mark}${digits}_`;
    this.#head = Buffer.from(`{"visit_id": "${this.visitIdPrefix}`);
    this.#dateAt = BEFORE_EVENT_TIME.length;
    this.#middle = Buffer.from(
      `${BEFORE_EVENT_TIME}0000-00-00T00:00:00+00:00", "user_id": "${digits}_`,
    );
    this.#pages = [false, true].flatMap((isPrivate) =>
      PAGES.map((page) =>
        Buffer.from(`", "keep_private": ${isPrivate}, "page": "${page}", `),
      ),
    );
    this.#contexts = Array.from({ length: CONTEXT_COUNT }, () =>
      Buffer.from(`${renderVisitContext(random, startTimeMs)}}`),
    );
  }

  /** Bytes of the `visit_id` of a visitor. */
  visitIdLength(serial: number): number {
    return this.#head.length - VISIT_ID_OFFSET + digitCount(serial);
  }

  /** Writes a visit at `start` and returns its end. */
  write(bytes: Buffer, start: number, visit: Visit): number {
    const hash = mix32(visit.serial ^ this.#salt);
    let at = start + this.#head.copy(bytes, start);
    at = writeInteger(bytes, at, visit.serial);
    at = this.#writeMiddle(bytes, at, visit.eventSeconds);
    at = writeUuid(bytes, at, hash);
    const isPrivate = hash % 7 === 0;
    const page = isPrivate ? visit.page + PAGES.length : visit.page;
    at += this.#pages[page]!.copy(bytes, at);
    return at + this.#contexts[(hash >>> 8) % CONTEXT_COUNT]!.copy(bytes, at);
  }

  #writeMiddle(bytes: Buffer, start: number, eventSeconds: number): number {
    const day = Math.floor(eventSeconds / SECONDS_PER_DAY);
    if (day !== this.#day) {
      this.#day = day;
      const date = new Date(day * SECONDS_PER_DAY * 1000).toISOString();
      this.#middle.write(date.slice(0, 10), this.#dateAt, "latin1");
    }
    this.#middle.copy(bytes, start);
    const second = eventSeconds - day * SECONDS_PER_DAY;
    const minute = Math.floor(second / 60);
    const hour = Math.floor(minute / 60);
    const timeAt = start + this.#dateAt + "0000-00-00T".length;
    writePair(bytes, timeAt, hour);
    writePair(bytes, timeAt + 3, minute - hour * 60);
    writePair(bytes, timeAt + 6, second - minute * 60);
    return start + this.#middle.length;
  }
}

/** A random page: the six named ones, a category or a page, evenly. */
export function pickPage(random: Random): number {
  const kind = random.below(NAMED_PAGE_COUNT + 2);
  if (kind < NAMED_PAGE_COUNT) return kind;
  return NAMED_PAGE_COUNT + (kind - NAMED_PAGE_COUNT) * 20 + random.below(20);
}

function digitCount(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count++;
  return count;
}

function writeInteger(bytes: Buffer, start: number, value: number): number {
  const end = start + digitCount(value);
  let rest = value;
  for (let at = end - 1; at >= start; at--) {
    const tenth = Math.floor(rest / 10);
    bytes[at] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return end;
}

function writePair(bytes: Buffer, at: number, value: number): void {
  const tens = Math.floor(value / 10);
  bytes[at] = ZERO + tens;
  bytes[at + 1] = ZERO + value - tens * 10;
}

/** Writes the version 4 UUID that belongs to a hash. */
function writeUuid(bytes: Buffer, start: number, hash: number): number {
  const second = (mix32(hash + 1) & 0xffff0fff) | 0x4000;
  const third = (mix32(hash + 2) & 0x3fffffff) | 0x80000000;
  writeHex(bytes, start, hash >>> 16);
  writeHex(bytes, start + 4, hash);
  bytes[start + 8] = DASH;
  writeHex(bytes, start + 9, second >>> 16);
  bytes[start + 13] = DASH;
  writeHex(bytes, start + 14, second);
  bytes[start + 18] = DASH;
  writeHex(bytes, start + 19, third >>> 16);
  bytes[start + 23] = DASH;
  writeHex(bytes, start + 24, third);
  const fourth = mix32(hash + 3);
  writeHex(bytes, start + 28, fourth >>> 16);
  writeHex(bytes, start + 32, fourth);
  return start + 36;
}

function writeHex(bytes: Buffer, at: number, low16: number): void {
  bytes[at] = HEX[(low16 >>> 12) & 15]!;
  bytes[at + 1] = HEX[(low16 >>> 8) & 15]!;
  bytes[at + 2] = HEX[(low16 >>> 4) & 15]!;
  bytes[at + 3] = HEX[low16 & 15]!;
}
