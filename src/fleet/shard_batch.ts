import type {
  RecordBase,
  RecordCursor,
  RecordRun,
} from "../record/record_batch.ts";
import { recordByteLength, writeRecord } from "../record/record_bytes.ts";
import type { RunColumns } from "../wire/task_codec.ts";

/** Records of one fetch, for the latency of the batch they ended up in. */
export interface FetchedRun {
  readonly fetchedAtMs: number;
  readonly count: number;
}

/** Records in a batch at most, so that tiny ones do not make a huge one. */
const BATCH_RECORDS_MAX = 8192;
/** Runs in a batch at most. */
const BATCH_RUNS_MAX = 1024;

/** Where some records come from. */
export interface RecordOrigin {
  readonly partition: number;
  /** When they were fetched: `wallClockMs()`. */
  readonly fetchedAtMs: number;
}

/**
 * The next task of one shard while it is filled: the records are copied once,
 * from the source's frame into the payload that the shard's thread gets.
 */
export class ShardBatch {
  readonly #partitions = new Int32Array(BATCH_RUNS_MAX);
  readonly #counts = new Int32Array(BATCH_RUNS_MAX);
  readonly #byteLengths = new Int32Array(BATCH_RUNS_MAX);
  readonly #baseOffsets = new Float64Array(BATCH_RUNS_MAX);
  readonly #baseTimesMs = new Float64Array(BATCH_RUNS_MAX);
  readonly #appendTimes = new Uint8Array(BATCH_RUNS_MAX);
  readonly #fetchedAtMs = new Float64Array(BATCH_RUNS_MAX);
  #payload: Buffer;
  #runs = 0;
  count = 0;
  byteLength = 0;

  /** `payload` may be of no length: then nothing fits before another comes. */
  constructor(payload: ArrayBuffer) {
    this.#payload = Buffer.from(payload);
  }

  /** True when so many records, of so many bytes, fit behind what is there. */
  fits(byteLength: number, count: number): boolean {
    return (
      this.byteLength + byteLength <= this.#payload.length &&
      (this.count === 0 || this.count + count <= BATCH_RECORDS_MAX) &&
      this.#runs < BATCH_RUNS_MAX
    );
  }

  /** Appends a record that fits. */
  add(record: RecordCursor, origin: RecordOrigin): void {
    const run = this.#runOf(record.base, origin);
    const start = this.byteLength;
    if (record.recordStart >= 0) {
      this.#copy(record.bytes, record.recordStart, record.recordEnd);
    } else {
      const offsetDelta = record.offset - record.base.offset;
      const to = { bytes: this.#payload, at: start };
      this.byteLength = writeRecord(record, offsetDelta, to);
    }
    this.#byteLengths[run]! += this.byteLength - start;
    this.#counts[run]!++;
    this.count++;
  }

  /** Appends many records at once, which fit. */
  addRun(records: RecordRun, origin: RecordOrigin): void {
    const run = this.#runOf(records.base, origin);
    this.#copy(records.bytes, records.start, records.end);
    this.#byteLengths[run]! += records.end - records.start;
    this.#counts[run]! += records.count;
    this.count += records.count;
  }

  /** The runs of what was added; views that the next `add` overwrites. */
  columns(): RunColumns {
    const runs = this.#runs;
    return {
      runPartitions: this.#partitions.subarray(0, runs),
      runCounts: this.#counts.subarray(0, runs),
      runByteLengths: this.#byteLengths.subarray(0, runs),
      runBaseOffsets: this.#baseOffsets.subarray(0, runs),
      runBaseTimesMs: this.#baseTimesMs.subarray(0, runs),
      runAppendTimes: this.#appendTimes.subarray(0, runs),
    };
  }

  /** When the records were fetched, and how many. */
  fetchedRuns(): FetchedRun[] {
    const runs: FetchedRun[] = [];
    for (let run = 0; run < this.#runs; run++) {
      const fetchedAtMs = this.#fetchedAtMs[run]!;
      runs.push({ fetchedAtMs, count: this.#counts[run]! });
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

  /** The run that records of this base continue, or a new one. */
  #runOf(base: RecordBase, { partition, fetchedAtMs }: RecordOrigin): number {
    const last = this.#runs - 1;
    if (
      last >= 0 &&
      this.#baseOffsets[last] === base.offset &&
      this.#partitions[last] === partition &&
      this.#fetchedAtMs[last] === fetchedAtMs
    ) {
      return last;
    }
    const run = this.#runs++;
    this.#partitions[run] = partition;
    this.#counts[run] = 0;
    this.#byteLengths[run] = 0;
    this.#baseOffsets[run] = base.offset;
    this.#baseTimesMs[run] = base.timeMs;
    this.#appendTimes[run] = base.hasAppendTime ? 1 : 0;
    this.#fetchedAtMs[run] = fetchedAtMs;
    return run;
  }

  #copy(bytes: Buffer, start: number, end: number): void {
    bytes.copy(this.#payload, this.byteLength, start, end);
    this.byteLength += end - start;
  }
}

/** Bytes that a record takes in a batch. */
export function batchedByteLength(record: RecordCursor): number {
  return record.recordStart >= 0
    ? record.recordEnd - record.recordStart
    : recordByteLength(record, record.offset - record.base.offset);
}
