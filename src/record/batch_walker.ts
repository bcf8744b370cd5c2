import { BatchCursor } from "./batch_cursor.ts";
import type { ChunkPlace } from "./chunk.ts";
import { RecordReader } from "./record_reader.ts";
import { VarintReader } from "./varint_reader.ts";

/**
 * Walks the batches of a chunk, for those who look at the last wanted record of
 * each alone: of the others only the lengths are read.
 */
export class BatchWalker {
  readonly #cursor = new BatchCursor();
  readonly #varint = new VarintReader();
  /** Where key and value of the last record are, from the last `next` on. */
  readonly last = new RecordReader();
  /** The bytes that they are in; dead when the chunk is released. */
  bytes: Buffer = Buffer.alloc(0);
  /** Offset of the last record. */
  offset = 0;
  /** Wanted records of the batch. */
  records = 0;
  /** All bytes of those. */
  byteLength = 0;

  /** Goes before the first batch. Throws as `BatchCursor` does. */
  open(place: ChunkPlace): void {
    this.#cursor.open(place);
  }

  /** Goes to the next batch with wanted records; false for none. Throws likewise. */
  next(): boolean {
    this.records = 0;
    this.byteLength = 0;
    while (this.records === 0 && !this.#cursor.isDone) {
      this.bytes = this.#cursor.bytes;
      if (this.#cursor.isWhole) this.#takeWhole();
      else this.#takeWanted();
    }
    return this.records > 0;
  }

  #takeWhole(): void {
    const cursor = this.#cursor;
    const { at: start, end, recordsLeft } = cursor;
    let at = start;
    for (let left = recordsLeft; left > 1; left--) {
      const next = this.#behind(at);
      // A length of nothing would stand still, one below would go back.
      if (next <= at + 1 || next >= end) throw cursor.corrupt();
      at = next;
    }
    if (!this.last.read(this.bytes, at, end)) throw cursor.corrupt();
    this.offset = cursor.baseOffset + this.last.offsetDelta;
    this.records = recordsLeft;
    this.byteLength = end - start;
    cursor.advance(recordsLeft, this.last.end);
  }

  /** The byte behind the record at this place, by its length alone. */
  #behind(at: number): number {
    const first = this.bytes[at]!;
    // Zigzag: of one byte, and no less than nothing.
    if ((first & 0x81) === 0) return at + 1 + (first >> 1);
    const byteLength = this.#varint.read(this.bytes, at);
    return this.#varint.end + byteLength;
  }

  /** The first and the last batch may have records that are not wanted. */
  #takeWanted(): void {
    const cursor = this.#cursor;
    const { firstOffset, endOffset, baseOffset, end } = cursor;
    const { last, bytes } = this;
    let lastAt = -1;
    for (let isOver = false; !isOver; ) {
      const { at } = cursor;
      if (!last.read(bytes, at, end)) throw cursor.corrupt();
      const offset = baseOffset + last.offsetDelta;
      if (offset >= firstOffset && offset < endOffset) {
        this.records++;
        this.byteLength += last.end - at;
        this.offset = offset;
        lastAt = at;
      }
      isOver = cursor.advance(1, last.end);
    }
    if (lastAt >= 0) last.read(bytes, lastAt, end);
  }
}
