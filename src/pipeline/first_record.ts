import { guessFormat } from "../observe/guess_format.ts";
import type {
  RecordBatch,
  RecordCursor,
  RecordRun,
} from "../record/record_batch.ts";

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

  /** The batch, to be read in place of itself while no record was kept. */
  watch(batch: RecordBatch): RecordBatch {
    if (this.#head !== null) return batch;
    return new WatchedBatch(batch, (cursor) => this.#keep(cursor));
  }

  /** Whether that is done. */
  #keep({ bytes, valueStart, valueLength }: RecordCursor): boolean {
    if (this.#head !== null) return true;
    if (valueLength <= 0) return false;
    const end = valueStart + Math.min(valueLength, HEAD_BYTES);
    this.#head = Buffer.from(bytes.subarray(valueStart, end));
    return true;
  }
}

/** A batch that shows its records one by one, until one of them was kept. */
class WatchedBatch implements RecordBatch {
  readonly partition: number;
  readonly fetchedAtMs: number;
  readonly byteLength: number;
  readonly #batch: RecordBatch;
  readonly #keep: (cursor: RecordCursor) => boolean;
  #isDone = false;

  constructor(batch: RecordBatch, keep: (cursor: RecordCursor) => boolean) {
    this.partition = batch.partition;
    this.fetchedAtMs = batch.fetchedAtMs;
    this.byteLength = batch.byteLength;
    this.#batch = batch;
    this.#keep = keep;
  }

  next(cursor: RecordCursor): boolean {
    if (!this.#batch.next(cursor)) return false;
    this.#isDone ||= this.#keep(cursor);
    return true;
  }

  nextRun(run: RecordRun, bytesMax: number): boolean {
    return this.#isDone && (this.#batch.nextRun?.(run, bytesMax) ?? false);
  }

  release(): void {
    this.#batch.release();
  }
}
