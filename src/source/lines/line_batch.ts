import type { RecordBatch, RecordCursor } from "../../record/record_batch.ts";

const LF = 0x0a;
const CR = 0x0d;

/** Where the lines of a batch come from. */
export interface LineOrigin {
  /** Number of the first line. */
  readonly line: number;
  /** Lines before this one are left out. */
  readonly firstLine?: number;
  readonly fetchedAtMs: number;
  /** The bytes are one line of which the rest was not kept. */
  readonly isCut?: boolean;
}

/** Whole lines, each a record; the last one may lack its line feed. */
export class LineBatch implements RecordBatch {
  readonly partition = 0;
  readonly fetchedAtMs: number;
  readonly byteLength: number;
  readonly #bytes: Buffer;
  readonly #baseLine: number;
  readonly #firstLine: number;
  readonly #isCut: boolean;
  #at = 0;
  /** Number of the next line. */
  line: number;

  constructor(bytes: Buffer, origin: LineOrigin) {
    this.#bytes = bytes;
    this.byteLength = bytes.length;
    this.line = origin.line;
    this.#baseLine = origin.line;
    this.#firstLine = origin.firstLine ?? 0;
    this.fetchedAtMs = origin.fetchedAtMs;
    this.#isCut = origin.isCut ?? false;
  }

  next(cursor: RecordCursor): boolean {
    const bytes = this.#bytes;
    while (this.#at < bytes.length) {
      const start = this.#at;
      const lineFeed = this.#isCut ? -1 : bytes.indexOf(LF, start);
      let end = lineFeed === -1 ? bytes.length : lineFeed;
      this.#at = end + 1;
      cursor.offset = this.line++;
      if (cursor.offset < this.#firstLine) continue;
      // A cut line is too large, and must stay so whatever it begins with.
      if (!this.#isCut) {
        if (end > start && bytes[end - 1] === CR) end--;
        if (isBlank(bytes, start, end)) continue;
      }
      cursor.bytes = bytes;
      cursor.keyLength = -1;
      cursor.valueStart = start;
      cursor.valueLength = end - start;
      cursor.timestampMs = -1;
      cursor.recordStart = -1;
      cursor.base.offset = this.#baseLine;
      cursor.base.timeMs = -1;
      return true;
    }
    return false;
  }

  release(): void {}
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x09) return false;
  }
  return true;
}
