import {
  RecordBatchWriter,
  type RecordParts,
} from "../record/record_batch_writer.ts";
import { encodeMark, type Mark } from "./mark.ts";

/** A mark is some hundred bytes, whatever topics and ids are named. */
const BATCH_BYTES_MAX = 64 * 1024;
const NOTHING = Buffer.alloc(0);
/** Number of headers: none. */
const NO_HEADERS = Buffer.from([0]);

/** Writes marks as record batches, one each. */
export class MarkBatches {
  readonly #writer = new RecordBatchWriter(BATCH_BYTES_MAX);

  /** The batch of one mark, in memory of its own. */
  batch(mark: Mark): Buffer {
    const value = encodeMark(mark);
    const parts: RecordParts = {
      ...{ key: NOTHING, keyStart: 0, keyLength: -1 },
      ...{ value, valueStart: 0, valueLength: value.length },
      ...{ headers: NO_HEADERS, headersLength: 1 },
    };
    if (!this.#writer.add(parts)) {
      throw new Error(`Cannot write a mark of ${value.length} bytes`);
    }
    return Buffer.from(this.#writer.take()[0]!.bytes);
  }
}
