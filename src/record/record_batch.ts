/**
 * Where one record stands in its frame. The reader of a batch owns one cursor
 * and the batch moves it on, so that nothing is allocated a record.
 */
export interface RecordCursor {
  /** The frame that key and value lie in; valid until the batch is released. */
  bytes: Buffer;
  keyStart: number;
  /** Key length in bytes, -1 for a null key. */
  keyLength: number;
  valueStart: number;
  /** Value length in bytes, -1 for a null value. */
  valueLength: number;
  /** Offset in the partition (line number from 0 for files). */
  offset: number;
  /** The record's own timestamp, ms since the epoch, -1 when it has none. */
  timestampMs: number;
  /** Where the record stands as Kafka writes it (v2); -1 when it does not. */
  recordStart: number;
  recordEnd: number;
  /** What its offset and timestamp are counted from there. */
  readonly base: RecordBase;
}

/** What the offsets and timestamps of some records are counted from. */
export interface RecordBase {
  offset: number;
  /** ms since the epoch, -1 when the records have no timestamps. */
  timeMs: number;
  /** All records have the base time, whatever they say. */
  hasAppendTime: boolean;
}

/** Records that stand together as Kafka writes them (v2). */
export interface RecordRun {
  bytes: Buffer;
  start: number;
  end: number;
  count: number;
  readonly base: RecordBase;
}

/** A cursor for a batch to move. */
export function newCursor(): RecordCursor {
  return {
    bytes: Buffer.alloc(0),
    keyStart: 0,
    keyLength: -1,
    valueStart: 0,
    valueLength: -1,
    offset: 0,
    timestampMs: -1,
    recordStart: -1,
    recordEnd: -1,
    base: { offset: 0, timeMs: -1, hasAppendTime: false },
  };
}

/** A run for a batch to fill. */
export function newRun(): RecordRun {
  return {
    bytes: Buffer.alloc(0),
    start: 0,
    end: 0,
    count: 0,
    base: { offset: 0, timeMs: -1, hasAppendTime: false },
  };
}

/** Raw records of one partition, in offset order. */
export interface RecordBatch {
  readonly partition: number;
  /** When the bytes came off the socket or file: `wallClockMs()`. */
  readonly fetchedAtMs: number;
  /**
   * The newest time that its records themselves have, of those that were read so
   * far, ms since the epoch; left out where records have none.
   */
  readonly newestMs?: number;
  /** Bytes this batch occupies, for accounting. */
  readonly byteLength: number;
  /**
   * Moves the cursor, always the same one, to the next record; false when there
   * is none.
   */
  next(cursor: RecordCursor): boolean;
  /**
   * Moves on over many records at once, which the run then is. False when the
   * next ones are not all wanted, or take more than `bytesMax`: then `next` has
   * to be asked. Only where records stand as Kafka writes them.
   */
  nextRun?(run: RecordRun, bytesMax: number): boolean;
  /** Gives the frame back; the cursor's bytes are dead afterwards. */
  release(): void;
}
