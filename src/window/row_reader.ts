import type { VisitColumns } from "../kernel/host/visit_columns.ts";
import { WindowKernel } from "../kernel/host/window_kernel.ts";
import { RecordReader } from "../record/record_reader.ts";
import { tellClocks } from "./kernel_rows.ts";
import { readLongRow } from "./long_row.ts";
import type { RowPart } from "./row_part.ts";
import {
  contentsOf,
  NO_CONTENTS,
  type RecordContents,
  type VisitReader,
} from "./visit_reader.ts";

/** Reads visits that another thread has scanned, and has written as rows. */
export class RowReader implements VisitReader<RowPart> {
  readonly #kernel: WindowKernel;
  readonly #record = new RecordReader();
  readonly rejected: number[] = [];
  readonly recordBytes = 0;
  #part: RowPart | null = null;
  #bytes: Buffer = Buffer.alloc(0);
  #records: Buffer | null = null;
  /** Where the next row begins, and where the last one ends. */
  #at = 0;
  #end = 0;
  /** Rows that the part has, beside those that were read. */
  #rowsLeft = 0;

  /** Without a kernel, it gets one for itself alone. */
  constructor(kernel = new WindowKernel()) {
    this.#kernel = kernel;
  }

  get visits(): VisitColumns {
    return this.#kernel.columns;
  }

  /** Rows have their times, so that nobody asks what the time is now. */
  open(part: RowPart): void {
    this.#part = part;
    this.#bytes = Buffer.from(part.memory);
    this.#records = part.records === null ? null : Buffer.from(part.records);
    this.#at = part.at;
    this.#end = part.at + part.byteLength;
    this.#rowsLeft = part.count;
    this.visits.reset(this.#kernel.records, 0);
  }

  /** Throws an `Error` for what no thread of ours writes. */
  next(): boolean {
    this.rejected.length = 0;
    if (this.#at === this.#end) {
      if (this.#rowsLeft !== 0) throw this.#broken();
      return false;
    }
    const { visits } = this;
    visits.reset(this.#kernel.records, 0);
    visits.count = this.#unpack() || this.#readLong();
    this.#rowsLeft -= visits.count;
    this.#listRejected();
    return true;
  }

  tellClocks(observe: (partition: number, ms: number) => void): void {
    tellClocks(this.#kernel, observe);
  }

  findForeign(shard: number, shardCount: number): number {
    const { count } = this.visits;
    return this.#kernel.calls.findForeign(count, shard, shardCount);
  }

  record(row: number): RecordContents {
    const bytes = this.#records;
    if (bytes === null) return NO_CONTENTS;
    const record = this.#record;
    const at = this.visits.recordStart[row]! >>> 0;
    if (!record.read(bytes, at, bytes.length)) throw this.#broken();
    return contentsOf(bytes, record);
  }

  /** Reads the rows that fit into the kernel; returns how many. */
  #unpack(): number {
    const { calls, records } = this.#kernel;
    const end = Math.min(this.#end, this.#at + records.length);
    this.#bytes.copy(records, 0, this.#at, end);
    const { partition } = this.#part!;
    const count = calls.unpackRows(0, 0, end - this.#at, partition);
    this.#at += calls.unpackedTo();
    return count;
  }

  /** Reads a row that does not; returns how many it was. */
  #readLong(): number {
    const { visits } = this;
    const place = { at: this.#at, end: this.#end };
    const end = readLongRow(this.#bytes, place, visits);
    if (end < 0) throw this.#broken();
    visits.partition[0] = this.#part!.partition;
    this.#at = end;
    return 1;
  }

  #listRejected(): void {
    const { calls } = this.#kernel;
    const { count } = this.visits;
    let row = calls.nextOther(0, count);
    while (row < count) {
      this.rejected.push(row);
      row = calls.nextOther(row + 1, count);
    }
  }

  #broken(): Error {
    const { partition, at, byteLength, count } = this.#part!;
    return new Error(
      `Cannot read ${count} rows of partition ${partition}, bytes ${at} to ` +
        `${at + byteLength}: what is at ${this.#at} is not as it was written`,
    );
  }
}
