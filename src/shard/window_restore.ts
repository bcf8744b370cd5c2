import { WindowLogError } from "../errors.ts";
import { BatchCursor } from "../record/batch_cursor.ts";
import type { ChunkPlace } from "../record/chunk.ts";
import { RecordReader } from "../record/record_reader.ts";
import { LogRecordError } from "../window/log_record_error.ts";
import type { ShardPlace, WindowChanges } from "../window/window_changes.ts";

/**
 * The time of a shard in which its windows come back from the window log: from
 * when they are cleared until an assignment begins.
 */
export class WindowRestore {
  readonly #changes: WindowChanges | null;
  readonly #owner: ShardPlace;
  readonly #cursor = new BatchCursor();
  readonly #record = new RecordReader();
  #isUnderWay = false;

  /** Without `changes`, the windows are not those of a log. */
  constructor(changes: WindowChanges | null, owner: ShardPlace) {
    this.#changes = changes;
    this.#owner = owner;
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Forgets all windows. */
  begin(): void {
    this.#log("clear").clear();
    this.#isUnderWay = true;
  }

  /** The windows are as they were; true when they were restored. */
  end(): boolean {
    const wasUnderWay = this.#isUnderWay;
    this.#isUnderWay = false;
    return wasUnderWay;
  }

  /**
   * Restores what the wanted records of a chunk say; returns their bytes. Throws
   * a `WindowLogError` for a batch that is corrupt.
   */
  take(place: ChunkPlace): number {
    try {
      return this.#take(place);
    } catch (error) {
      throw WindowLogError.from(error);
    }
  }

  #take(place: ChunkPlace): number {
    this.#log("restore");
    if (!this.#isUnderWay) {
      throw new Error(
        `Cannot restore windows of shard ${this.#owner.shard}: those that are ` +
          "there were not cleared",
      );
    }
    const cursor = this.#cursor;
    let byteLength = 0;
    cursor.open(place);
    while (!cursor.isDone) {
      const { start, end, count } = cursor.isWhole
        ? { start: cursor.at, end: cursor.end, count: cursor.recordsLeft }
        : this.#wanted();
      const records = cursor.bytes.subarray(start, end);
      if (count > 0) this.#restore(records, count, place);
      byteLength += records.length;
      cursor.advance(cursor.recordsLeft, cursor.end);
    }
    return byteLength;
  }

  /** Where in a batch the records are that are wanted: they are in a row. */
  #wanted(): { start: number; end: number; count: number } {
    const cursor = this.#cursor;
    const record = this.#record;
    const { bytes, baseOffset, firstOffset, endOffset, recordsLeft } = cursor;
    let { at: start, at } = cursor;
    let count = 0;
    for (let i = 0; i < recordsLeft; i++) {
      if (!record.read(bytes, at, cursor.end)) throw cursor.corrupt();
      const offset = baseOffset + record.offsetDelta;
      if (offset >= endOffset) break;
      at = record.end;
      if (offset >= firstOffset) count++;
      else start = at;
    }
    return { start, end: at, count };
  }

  #restore(records: Buffer, count: number, place: ChunkPlace): void {
    try {
      this.#log("restore").restore(records, count, this.#owner);
    } catch (error) {
      if (!(error instanceof LogRecordError)) throw error;
      throw this.#placed(error, records, place);
    }
  }

  /** The store does not know where its records are from. */
  #placed(error: LogRecordError, records: Buffer, place: ChunkPlace): Error {
    const { baseOffset } = this.#cursor;
    const name = `${place.topic}[${place.partition}]`;
    const record = this.#record;
    for (let at = 0; at < records.length; at = record.end) {
      if (!record.read(records, at, records.length)) break;
      const { valueStart, valueLength, offsetDelta } = record;
      const end = valueStart + Math.max(0, valueLength);
      const value = records.subarray(valueStart, end);
      if (!error.isOf(value)) continue;
      return error.at(`${name} at ${baseOffset + offsetDelta}`, value);
    }
    return error.at(`${name} in the batch at ${baseOffset}`, null);
  }

  #log(what: string): WindowChanges {
    if (this.#changes !== null) return this.#changes;
    throw new Error(
      `Cannot ${what} windows of shard ${this.#owner.shard}: it keeps no changes`,
    );
  }
}
