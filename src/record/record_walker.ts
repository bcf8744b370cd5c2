import { BatchCursor } from "./batch_cursor.ts";
import type { ChunkPlace } from "./chunk.ts";
import { RecordReader } from "./record_reader.ts";

/**
 * Walks the wanted records of a chunk one by one, for those who look at few of
 * them. It allocates nothing a record.
 */
export class RecordWalker {
  readonly #cursor = new BatchCursor();
  #isOver = true;
  /** Where key and value of the record are, from the last `next` on. */
  readonly record = new RecordReader();
  /** The bytes that they are in; dead when the chunk is released. */
  bytes: Buffer = Buffer.alloc(0);
  offset = 0;
  /** The record's timestamp, ms; -1 when it has none. */
  timestampMs = -1;
  /** All bytes of the record, its length among them. */
  byteLength = 0;

  /** Goes before the first record. Throws as `BatchCursor` does. */
  open(place: ChunkPlace): void {
    this.#cursor.open(place);
    this.#isOver = false;
  }

  /** Goes to the next record; false when there is none. Throws likewise. */
  next(): boolean {
    const { firstOffset, endOffset } = this.#cursor;
    do {
      if (this.#isOver || this.#cursor.isDone) return false;
      this.#read();
      // The first batch of a fetch may begin before the offset asked for.
    } while (this.offset < firstOffset);
    this.#isOver = this.offset >= endOffset;
    return !this.#isOver;
  }

  #read(): void {
    const cursor = this.#cursor;
    const { record } = this;
    const { bytes, baseTimeMs } = cursor;
    if (!record.read(bytes, cursor.at, cursor.end)) throw cursor.corrupt();
    // Mostly it is the same: a comparison is less than V8's bookkeeping.
    if (this.bytes !== bytes) this.bytes = bytes;
    this.offset = cursor.baseOffset + record.offsetDelta;
    this.timestampMs =
      cursor.hasAppendTime === 1
        ? baseTimeMs
        : baseTimeMs + record.timestampDelta;
    this.byteLength = record.end - cursor.at;
    cursor.advance(1, record.end);
  }
}
