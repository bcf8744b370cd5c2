import { WindowLogError, WorldError } from "../errors.ts";
import { BatchWalker } from "../record/batch_walker.ts";
import { type Chunk, type ChunkPlace, placeOf } from "../record/chunk.ts";
import { findForeignRecord } from "./foreign_record.ts";
import { decodeMark, MARK_BYTE, type Mark } from "./mark.ts";

/**
 * Walks the record batches of the window log of one partition. Nothing of a
 * commit comes behind its mark, so a mark is the last record of its batch.
 */
export class MarkWalker {
  readonly #topic: string;
  readonly #partition: number;
  #chunk: ChunkPlace | null = null;
  readonly #batches = new BatchWalker();
  /** The mark that the batch ends with; null when it ends with another record. */
  mark: Mark | null = null;

  /** `topic` is the window log. */
  constructor(topic: string, partition: number) {
    this.#topic = topic;
    this.#partition = partition;
  }

  /** Offset of the last record of the batch. */
  get offset(): number {
    return this.#batches.offset;
  }

  /** Wanted records of the batch, the mark among them. */
  get records(): number {
    return this.#batches.records;
  }

  /** All bytes of those. */
  get byteLength(): number {
    return this.#batches.byteLength;
  }

  /** Names the last record of the batch. */
  get place(): string {
    const { offset } = this;
    return `the window log ${this.#topic}[${this.#partition}] at ${offset}`;
  }

  /** Goes before the first batch of a chunk. Throws likewise. */
  open(chunk: Chunk): void {
    const place = placeOf(chunk, this.#topic);
    this.#chunk = place;
    this.#ofLog(() => this.#batches.open(place));
  }

  /** Goes to the next batch; false for none. Throws a `WindowLogError` for what is damaged. */
  next(): boolean {
    if (!this.#nextBatch()) return false;
    const { bytes, last } = this.#batches;
    const { valueStart, valueLength } = last;
    const isMark = valueLength > 0 && bytes[valueStart] === MARK_BYTE;
    const end = valueStart + valueLength;
    const value = bytes.subarray(valueStart, end);
    this.mark = isMark ? this.#ofLog(() => this.#decode(value)) : null;
    return true;
  }

  #decode(value: Buffer): Mark {
    try {
      return decodeMark(value, this.place);
    } catch (error) {
      // Others of that program may come before it, which are in no mark's place.
      const first = findForeignRecord(this.#chunk!, this.offset);
      throw first === null ? error : new WorldError(first);
    }
  }

  #nextBatch(): boolean {
    return this.#ofLog(() => this.#batches.next());
  }

  #ofLog<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw WindowLogError.from(error);
    }
  }
}
