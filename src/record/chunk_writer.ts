import { HEADER_BYTES } from "./batch_header_reader.ts";
import type { Chunk } from "./chunk.ts";
import { frameChunk } from "./frame_chunk.ts";
import type { Frame, FramePool } from "./frame_pool.ts";
import { writeOwnHeader } from "./record_batch_header.ts";
import {
  longVarintByteLength,
  sizedByteLength,
  varintByteLength,
  writeLongVarint,
  writeVarint,
} from "./varint.ts";

/** Less memory than this is never asked for. */
const FRAME_BYTES_MIN = 16 * 1024;
/** Bytes of attributes and the number of headers, both of which are zero. */
const ZERO_BYTES = 2;
/** Beyond it an offset cannot be counted from the batch's first one. */
const OFFSET_DELTA_MAX = 0x7fffffff;

/** A record to be written. Its owner reuses it. */
export interface WrittenRecord {
  /** Where key and value are. */
  readonly bytes: Buffer;
  readonly keyStart: number;
  /** -1 for a null key. */
  readonly keyLength: number;
  readonly valueStart: number;
  /** -1 for a null value. */
  readonly valueLength: number;
  /** Not below that of the record before. */
  readonly offset: number;
  /** Whole ms since the epoch, -1 when it has none. */
  readonly timestampMs: number;
}

/** A record without key and time, for its owner to fill and to reuse. */
export function plainRecord() {
  return {
    bytes: Buffer.alloc(0) as Buffer,
    keyStart: 0,
    keyLength: -1,
    valueStart: 0,
    valueLength: 0,
    offset: 0,
    timestampMs: -1,
  } satisfies WrittenRecord;
}

/** Where and how chunks are written. */
export interface ChunkWriterOptions {
  readonly partition: number;
  /** Bytes of a full chunk; a larger record gets one of its own. */
  readonly chunkBytes: number;
  /** No chunk crosses a multiple of so many records; null for no such bound. */
  readonly recordsMax: number | null;
}

/**
 * Writes records as Kafka does (v2), a batch a chunk, into frames of a pool: so
 * lines and generated records take the same way as those of a topic. Nothing is
 * allocated a record.
 */
export class ChunkWriter {
  readonly #pool: FramePool;
  readonly #partition: number;
  readonly #chunkBytes: number;
  readonly #recordsMax: number;
  #frame: Frame | null = null;
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;
  #count = 0;
  #expectedBytes = 0;
  /** Records until the next bound that no chunk crosses. */
  #recordsLeft: number;
  #baseOffset = 0;
  #lastOffset = 0;
  #baseTimeMs = -1;
  #newestMs = -1;

  constructor(pool: FramePool, options: ChunkWriterOptions) {
    this.#pool = pool;
    this.#partition = options.partition;
    this.#chunkBytes = options.chunkBytes;
    this.#recordsMax = options.recordsMax ?? Number.POSITIVE_INFINITY;
    this.#recordsLeft = this.#recordsMax;
  }

  /** Says how much is at hand, so that a chunk takes no more memory than that. */
  expect(byteLength: number): void {
    this.#expectedBytes = byteLength;
  }

  /** Appends a record; false when the chunk has to be taken before that. */
  add(record: WrittenRecord): boolean {
    const { keyLength, valueLength, offset, timestampMs } = record;
    if (this.#count === 0) {
      this.#baseOffset = offset;
      this.#baseTimeMs = timestampMs;
      this.#newestMs = timestampMs;
    }
    const offsetDelta = offset - this.#baseOffset;
    const timeDelta = timestampMs - this.#baseTimeMs;
    const isLong = (timeDelta | 0) !== timeDelta;
    const bodyLength =
      ZERO_BYTES +
      (isLong ? longVarintByteLength(timeDelta) : varintByteLength(timeDelta)) +
      varintByteLength(offsetDelta) +
      sizedByteLength(keyLength) +
      sizedByteLength(valueLength);
    const byteLength = varintByteLength(bodyLength) + bodyLength;
    if (this.#count === 0) this.#begin(byteLength);
    else if (!this.#hasRoom(byteLength, offsetDelta)) return false;
    const { bytes } = record;
    const to = this.#bytes;
    let at = writeVarint(to, this.#end, bodyLength);
    to[at++] = 0;
    at = isLong
      ? writeLongVarint(to, at, timeDelta)
      : writeVarint(to, at, timeDelta);
    at = writeVarint(to, at, offsetDelta);
    at = writeVarint(to, at, keyLength);
    const { keyStart, valueStart } = record;
    if (keyLength > 0) {
      at += bytes.copy(to, at, keyStart, keyStart + keyLength);
    }
    at = writeVarint(to, at, valueLength);
    if (valueLength > 0) {
      at += bytes.copy(to, at, valueStart, valueStart + valueLength);
    }
    to[at++] = 0;
    this.#end = at;
    this.#count++;
    this.#recordsLeft--;
    this.#lastOffset = offset;
    if (timestampMs > this.#newestMs) this.#newestMs = timestampMs;
    return true;
  }

  /** Bytes of records that the chunk has room for; any number while it is empty. */
  get room(): number {
    if (this.#count === 0) return Number.POSITIVE_INFINITY;
    return this.#bytes.length - this.#end;
  }

  /** How many more records it may have. */
  get recordsLeft(): number {
    return this.#recordsLeft;
  }

  /** An offset as a record of this chunk tells it; -1 while it is empty. */
  deltaOf(offset: number): number {
    return this.#count === 0 ? -1 : offset - this.#baseOffset;
  }

  /**
   * Appends records without a time that were packed for this chunk elsewhere, for
   * which there is room.
   */
  addPacked({
    bytes,
    start,
    end,
    records,
    firstOffset,
    lastOffset,
  }: {
    readonly bytes: Buffer;
    readonly start: number;
    readonly end: number;
    readonly records: number;
    readonly firstOffset: number;
    readonly lastOffset: number;
  }): void {
    if (this.#count === 0) {
      this.#baseOffset = firstOffset;
      this.#baseTimeMs = -1;
      this.#newestMs = -1;
      this.#begin(end - start);
    }
    this.#end += bytes.copy(this.#bytes, this.#end, start, end);
    this.#count += records;
    this.#recordsLeft -= records;
    this.#lastOffset = lastOffset;
  }

  /**
   * The records since the last `take`, null when there are none. `fetchedAtMs`
   * says when they came.
   */
  take(fetchedAtMs: number): Chunk | null {
    const frame = this.#frame;
    if (frame === null) return null;
    const count = this.#count;
    const newestMs = this.#newestMs;
    const byteLength = this.#end;
    const baseOffset = this.#baseOffset;
    const lastOffset = this.#lastOffset;
    const baseTimeMs = this.#baseTimeMs;
    writeOwnHeader(this.#bytes.subarray(0, byteLength), {
      count,
      baseOffset,
      lastOffset,
      baseTimeMs,
      newestMs,
    });
    this.#frame = null;
    this.#count = 0;
    if (this.#recordsLeft === 0) this.#recordsLeft = this.#recordsMax;
    return frameChunk(frame, {
      partition: this.#partition,
      ...{ fetchedAtMs, newestMs, count, byteLength },
      starts: [0],
      firstOffset: baseOffset,
      endOffset: lastOffset + 1,
      isOwn: true,
    });
  }

  #begin(byteLength: number): void {
    const expected = Math.max(FRAME_BYTES_MIN, this.#expectedBytes);
    const wanted = Math.min(this.#chunkBytes, expected);
    const frame = this.#pool.take(Math.max(wanted, HEADER_BYTES + byteLength));
    this.#frame = frame;
    this.#bytes = frame.bytes;
    this.#end = HEADER_BYTES;
  }

  #hasRoom(byteLength: number, offsetDelta: number): boolean {
    return (
      this.#end + byteLength <= this.#bytes.length &&
      this.#recordsLeft > 0 &&
      offsetDelta <= OFFSET_DELTA_MAX
    );
  }
}
