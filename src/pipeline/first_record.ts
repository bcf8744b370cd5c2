import { guessFormat } from "../observe/guess_format.ts";
import { type Chunk, placeOf } from "../record/chunk.ts";
import { RecordWalker } from "../record/record_walker.ts";

/** As much of a record is kept as tells what it is. */
const HEAD_BYTES = 8192;

/**
 * Keeps the start of the first record that holds something: should records be
 * no visits, it shows what the input is.
 */
export class FirstRecord {
  #head: Buffer | null = null;

  /** What it looks like, as `guessFormat` says it; null when that is unknown. */
  get looksLike(): string | null {
    return this.#head === null ? null : guessFormat(this.#head);
  }

  /**
   * Looks into a chunk of `topic` while no record is kept. Throws a `WorldError`
   * for batches that are corrupt.
   */
  watch(chunk: Chunk, topic: string): void {
    if (this.#head !== null) return;
    const walker = new RecordWalker();
    const { record } = walker;
    walker.open(placeOf(chunk, topic));
    while (walker.next()) {
      if (record.valueLength <= 0) continue;
      const { bytes } = walker;
      const { valueStart } = record;
      const end = valueStart + Math.min(record.valueLength, HEAD_BYTES);
      this.#head = Buffer.from(bytes.subarray(valueStart, end));
      return;
    }
  }
}
