import type { RecordBatch, RecordCursor } from "../../record/record_batch.ts";

const LF = 0x0a;
const CR = 0x0d;

/** Whole lines, each a record; the last one may lack its line feed. */
export class LineBatch implements RecordBatch {
  readonly partition = 0;
  readonly fetchedAtMs: number;
  readonly byteLength: number;
  readonly #bytes: Buffer;
  readonly #firstLine: number;
  #at = 0;
  /** Number of the next line. */
  line: number;

  constructor(bytes: Buffer, origin: { line: number; fetchedAtMs: number }) {
    this.#bytes = bytes;
    this.byteLength = bytes.length;
    this.line = origin.line;
    this.#firstLine = origin.line;
    this.fetchedAtMs = origin.fetchedAtMs;
  }

  next(cursor: RecordCursor): boolean {
    const bytes = this.#bytes;
    while (this.#at < bytes.length) {
      const start = this.#at;
      const lineFeed = bytes.indexOf(LF, start);
      let end = lineFeed === -1 ? bytes.length : lineFeed;
      this.#at = end + 1;
      const line = this.line++;
      if (end > start && bytes[end - 1] === CR) end--;
      if (isBlank(bytes, start, end)) continue;
      cursor.bytes = bytes;
      cursor.keyLength = -1;
      cursor.valueStart = start;
      cursor.valueLength = end - start;
      cursor.offset = line;
      cursor.timestampMs = -1;
      cursor.recordStart = -1;
      cursor.base.offset = this.#firstLine;
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
