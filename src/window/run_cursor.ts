import type { RawRecords } from "../kernel/host/visit_columns.ts";

const NO_RECORDS: RawRecords = {
  bytes: Buffer.alloc(0),
  runPartitions: new Int32Array(0),
  runCounts: new Int32Array(0),
  runByteLengths: new Int32Array(0),
  runBaseOffsets: new Float64Array(0),
  runBaseTimesMs: new Float64Array(0),
  runAppendTimes: new Uint8Array(0),
};

/** Stands in the records of a task: in which run, and how far in it. */
export class RunCursor {
  #raw = NO_RECORDS;
  #run = 0;
  /** First byte of the next record. */
  at = 0;
  /** The byte behind the run. */
  end = 0;
  /** Records of the run that are not read yet. */
  recordsLeft = 0;

  /** Goes to the first record. */
  open(raw: RawRecords): void {
    this.#raw = raw;
    this.#run = -1;
    this.at = 0;
    this.end = 0;
    this.#enter();
  }

  /** True behind the last record. */
  get isDone(): boolean {
    return this.#run >= this.#raw.runCounts.length;
  }

  get partition(): number {
    return this.#raw.runPartitions[this.#run]!;
  }

  /** Offset from which those of the records are counted. */
  get baseOffset(): number {
    return this.#raw.runBaseOffsets[this.#run]!;
  }

  /** Time from which those of the records are counted, -1 for none. */
  get baseTimeMs(): number {
    return this.#raw.runBaseTimesMs[this.#run]!;
  }

  /** 1 when all records have that time. */
  get hasAppendTime(): number {
    return this.#raw.runAppendTimes[this.#run]!;
  }

  /**
   * Takes note that so many records were read, up to `at`. True when they were
   * the last of their run: then it goes to the next one.
   */
  advance(records: number, at: number): boolean {
    this.at = at;
    this.recordsLeft -= records;
    const isRunDone = this.recordsLeft === 0;
    if (isRunDone) this.#enter();
    return isRunDone;
  }

  /** Goes to the next run that has records. */
  #enter(): void {
    if (this.at !== this.end) throw this.corrupt();
    do {
      this.#run++;
      this.end = this.at + (this.#raw.runByteLengths[this.#run] ?? 0);
      this.recordsLeft = this.#raw.runCounts[this.#run] ?? 0;
    } while (this.recordsLeft === 0 && !this.isDone);
  }

  /** The error of records that are not what Kafka writes. */
  corrupt(): Error {
    return new Error(
      `Cannot read records of partition ${this.partition}, from offset ` +
        `${this.baseOffset} on: one reaches past its end`,
    );
  }
}
