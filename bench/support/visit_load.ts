import { hashKey } from "../../src/kernel/host/key_hash.ts";
import type { VisitColumns } from "../../src/kernel/host/visit_columns.ts";
import { VISIT } from "../../src/window/rejection.ts";

/** Visits of some 450 bytes that the kernel has room for at a time. */
const BATCH_VISITS = 128;

const HEX = Buffer.from("0123456789abcdef");
const KEY = Buffer.from("00000000-b26b-4e30-be12-0b6f25e567b7");
const USER = Buffer.from(`00000000083900046_${KEY}`);
const PAGES = ["index", "contact", "home", "main", "about", "categories"].map(
  (page) => Buffer.from(page),
);

/** A visit, as a bench asks for it. */
export interface LoadVisit {
  readonly visitor: number;
  readonly timestampMs: number;
}

/**
 * Batches of rows as the scanner leaves them, with strings of usual
 * lengths: key 36 bytes, event time 25, page 4 to 11, user 54.
 */
export class VisitLoad {
  readonly columns: VisitColumns;
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;
  #offset = 0;
  #second = -1;
  readonly #time = Buffer.alloc(25);

  /** Fills the rows of a kernel, and its room for records. */
  constructor(columns: VisitColumns) {
    this.columns = columns;
    this.clear();
  }

  get isFull(): boolean {
    return this.columns.count === BATCH_VISITS;
  }

  /** Starts the next batch. */
  clear(): void {
    this.#bytes = this.columns.bytes;
    this.columns.reset(this.#bytes, 0);
    this.#end = 0;
  }

  add({ visitor, timestampMs }: LoadVisit): void {
    const { columns } = this;
    const index = columns.count++;
    const page = PAGES[this.#offset % PAGES.length]!;
    columns.outcome[index] = VISIT;
    columns.timestampMs[index] = timestampMs;
    columns.partition[index] = 0;
    columns.offset[index] = this.#offset++;
    columns.keyStart[index] = this.#put(this.#number(visitor, KEY));
    columns.keyLength[index] = this.#end - columns.keyStart[index]!;
    columns.keyHash[index] = hashKey(
      this.#bytes,
      columns.keyStart[index]!,
      columns.keyLength[index]!,
    );
    columns.timeStart[index] = this.#put(this.#timeOf(timestampMs));
    columns.timeLength[index] = this.#end - columns.timeStart[index]!;
    // The rest of a record of some 450 bytes lies between the strings.
    this.#end += 240;
    columns.pageStart[index] = this.#put(page);
    columns.pageLength[index] = page.length;
    columns.userStart[index] = this.#put(this.#number(visitor, USER));
    columns.userLength[index] = this.#end - columns.userStart[index]!;
  }

  #put(text: Buffer): number {
    const start = this.#end;
    for (let i = 0; i < text.length; i++) this.#bytes[start + i] = text[i]!;
    this.#end += text.length;
    return start;
  }

  /** The visitor's number, in hexadecimal at the start of a text. */
  #number(visitor: number, text: Buffer): Buffer {
    for (let digit = 0; digit < 8; digit++) {
      text[digit] = HEX[(visitor >>> (28 - 4 * digit)) & 15]!;
    }
    return text;
  }

  #timeOf(timestampMs: number): Buffer {
    const second = Math.floor(timestampMs / 1000);
    if (second !== this.#second) {
      const iso = new Date(second * 1000).toISOString();
      this.#second = second;
      this.#time.write(`${iso.slice(0, 19)}+00:00`, "latin1");
    }
    return this.#time;
  }
}

/** Bytes that the strings of one session of so many visits need. */
export function stringBytesOf(visits: number): number {
  const pageBytes = Buffer.concat(PAGES).length / PAGES.length;
  return KEY.length + USER.length + visits * (25 + pageBytes);
}
