import type { RecordCursor } from "../source/source.ts";
import type { RecordColumns } from "../wire/task_codec.ts";

/** Records of one fetch, for the latency of the batch they ended up in. */
export interface FetchedRun {
  readonly fetchedAtMs: number;
  readonly count: number;
}

/** Payload size of a batch. A task costs each side some 0.1 ms, full or not. */
export const BATCH_BYTES = 1 << 20;
/** Records in a batch at most, so that tiny ones do not make a huge one. */
const BATCH_RECORDS_MAX = 8192;
/** Runs in a batch at most. */
const BATCH_RUNS_MAX = 1024;

/**
 * The next task of one shard while it is filled: the records' bytes are copied
 * once, from the source's frame into the payload that the shard's thread gets.
 */
export class ShardBatch {
  readonly #carriesKeys: boolean;
  readonly #carriesTimestamps: boolean;
  readonly #valueLengths = new Int32Array(BATCH_RECORDS_MAX);
  readonly #keyLengths = new Int32Array(BATCH_RECORDS_MAX);
  readonly #offsetDeltas = new Int32Array(BATCH_RECORDS_MAX);
  readonly #timestampsMs = new Float64Array(BATCH_RECORDS_MAX);
  readonly #runPartitions = new Int32Array(BATCH_RUNS_MAX);
  readonly #runCounts = new Int32Array(BATCH_RUNS_MAX);
  readonly #runBaseOffsets = new Float64Array(BATCH_RUNS_MAX);
  readonly #runFetchedAtMs = new Float64Array(BATCH_RUNS_MAX);
  #payload: Buffer;
  #runs = 0;
  count = 0;
  byteLength = 0;

  constructor(
    payload: ArrayBuffer,
    carries: { keys: boolean; timestamps: boolean },
  ) {
    this.#payload = Buffer.from(payload);
    this.#carriesKeys = carries.keys;
    this.#carriesTimestamps = carries.timestamps;
  }

  /** Bytes that the record will take. */
  sizeOf(record: RecordCursor): number {
    const keyLength = this.#carriesKeys ? Math.max(0, record.keyLength) : 0;
    return keyLength + Math.max(0, record.valueLength);
  }

  /** True when the record fits behind what is there. */
  fits(record: RecordCursor): boolean {
    return (
      this.byteLength + this.sizeOf(record) <= this.#payload.length &&
      this.count < BATCH_RECORDS_MAX &&
      this.#runs < BATCH_RUNS_MAX - 1
    );
  }

  /** Makes the empty batch large enough for a record larger than a payload. */
  makeRoom(record: RecordCursor): void {
    const byteLength = this.sizeOf(record);
    if (byteLength <= this.#payload.length) return;
    this.#payload = Buffer.from(new ArrayBuffer(byteLength));
  }

  /** Appends a record that fits. */
  add(record: RecordCursor, partition: number, fetchedAtMs: number): void {
    const run = this.#runOf(record.offset, partition, fetchedAtMs);
    this.#runCounts[run]!++;
    const index = this.count++;
    this.#offsetDeltas[index] = record.offset - this.#runBaseOffsets[run]!;
    this.#timestampsMs[index] = record.timestampMs;
    this.#valueLengths[index] = record.valueLength;
    if (this.#carriesKeys) {
      this.#keyLengths[index] = record.keyLength;
      this.#copy(record.bytes, record.keyStart, record.keyLength);
    }
    this.#copy(record.bytes, record.valueStart, record.valueLength);
  }

  /** The columns of what was added; views that the next `add` overwrites. */
  columns(): RecordColumns {
    const { count } = this;
    const runs = this.#runs;
    return {
      valueLengths: this.#valueLengths.subarray(0, count),
      keyLengths: this.#keyLengths.subarray(0, this.#carriesKeys ? count : 0),
      offsetDeltas: this.#offsetDeltas.subarray(0, count),
      timestampsMs: this.#timestampsMs.subarray(
        0,
        this.#carriesTimestamps ? count : 0,
      ),
      runPartitions: this.#runPartitions.subarray(0, runs),
      runCounts: this.#runCounts.subarray(0, runs),
      runBaseOffsets: this.#runBaseOffsets.subarray(0, runs),
    };
  }

  /** When the records were fetched, and how many. */
  fetchedRuns(): FetchedRun[] {
    const runs: FetchedRun[] = [];
    for (let run = 0; run < this.#runs; run++) {
      const fetchedAtMs = this.#runFetchedAtMs[run]!;
      runs.push({ fetchedAtMs, count: this.#runCounts[run]! });
    }
    return runs;
  }

  /** Takes the filled payload out and goes on with an empty one. */
  replacePayload(payload: ArrayBuffer): ArrayBuffer {
    const filled = this.#payload.buffer as ArrayBuffer;
    this.#payload = Buffer.from(payload);
    this.#runs = 0;
    this.count = 0;
    this.byteLength = 0;
    return filled;
  }

  /** The run that the record continues, or a new one. */
  #runOf(offset: number, partition: number, fetchedAtMs: number): number {
    const last = this.#runs - 1;
    if (
      last >= 0 &&
      this.#runPartitions[last] === partition &&
      this.#runFetchedAtMs[last] === fetchedAtMs &&
      offset - this.#runBaseOffsets[last]! <= 0x7fffffff
    ) {
      return last;
    }
    const run = this.#runs++;
    this.#runPartitions[run] = partition;
    this.#runCounts[run] = 0;
    this.#runBaseOffsets[run] = offset;
    this.#runFetchedAtMs[run] = fetchedAtMs;
    return run;
  }

  #copy(bytes: Buffer, start: number, length: number): void {
    if (length <= 0) return;
    bytes.copy(this.#payload, this.byteLength, start, start + length);
    this.byteLength += length;
  }
}
