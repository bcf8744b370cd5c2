import type { VisitColumns } from "../kernel/host/visit_columns.ts";
import { WindowKernel } from "../kernel/host/window_kernel.ts";
import { RecordReader } from "../record/record_reader.ts";
import { tellClocks } from "./kernel_rows.ts";
import { readLongRow } from "./long_row.ts";
import {
  countRowParts,
  NO_ROWS,
  type RowPart,
  type RowParts,
  rowPartAt,
} from "./row_part.ts";
import {
  contentsOf,
  NO_CONTENTS,
  type RecordContents,
  type VisitReader,
} from "./visit_reader.ts";

/** Rows of one part among those that were read together. */
interface Stretch {
  readonly firstRow: number;
  readonly part: RowPart;
}

/**
 * Reads visits that another thread has scanned, and has written as rows: as many
 * at a time as fit into the kernel's memory, be they of one part or of many.
 */
export class RowReader implements VisitReader<RowParts> {
  readonly #kernel: WindowKernel;
  readonly #record = new RecordReader();
  readonly rejected: number[] = [];
  readonly recordBytes = 0;
  #parts = NO_ROWS;
  /** Parts that were opened; the last one of them is being read. */
  #opened = 0;
  #part: RowPart | null = null;
  #bytes: Buffer = Buffer.alloc(0);
  /** Where its next row begins, and where its last one ends. */
  #at = 0;
  #end = 0;
  /** Rows that it has, beside those that were read. */
  #rowsLeft = 0;
  #stretches: Stretch[] = [];

  /** Without a kernel, it gets one for itself alone. */
  constructor(kernel = new WindowKernel()) {
    this.#kernel = kernel;
  }

  get visits(): VisitColumns {
    return this.#kernel.columns;
  }

  /** Rows have their times, so that nobody asks what the time is now. */
  open(parts: RowParts): void {
    this.#parts = parts;
    this.#opened = 0;
    this.#part = null;
    this.#at = 0;
    this.#end = 0;
    this.#stretches = [];
    this.visits.reset(this.#kernel.records, 0);
  }

  /** Throws an `Error` for what no thread of ours writes. */
  next(): boolean {
    const { visits } = this;
    this.rejected.length = 0;
    this.#stretches = [];
    visits.reset(this.#kernel.records, 0);
    if (this.#at === this.#end && !this.#openNext()) return false;
    visits.count = this.#unpack() || this.#readLong();
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
    const stretch = this.#stretches.findLast((each) => each.firstRow <= row);
    const memory = stretch?.part.records ?? null;
    if (memory === null) return NO_CONTENTS;
    const bytes = Buffer.from(memory);
    const record = this.#record;
    const at = this.visits.recordStart[row]! >>> 0;
    if (!record.read(bytes, at, bytes.length)) throw this.#broken();
    return contentsOf(bytes, record);
  }

  /** Goes on to the next part that has rows; false when there is none. */
  #openNext(): boolean {
    while (this.#opened < countRowParts(this.#parts)) {
      const part = rowPartAt(this.#parts, this.#opened++);
      this.#part = part;
      this.#bytes = Buffer.from(part.memory);
      this.#at = part.at;
      this.#end = part.at + part.byteLength;
      this.#rowsLeft = part.count;
      if (part.byteLength > 0) return true;
      this.#take(0);
    }
    return false;
  }

  /** Reads the rows that fit into the kernel; returns how many. */
  #unpack(): number {
    const { calls, records } = this.#kernel;
    let row = 0;
    let to = 0;
    do {
      const part = this.#part!;
      const from = this.#at;
      const end = Math.min(this.#end, from + records.length - to);
      this.#bytes.copy(records, to, from, end);
      const toEnd = to + end - from;
      const count = calls.unpackRows(row, to, toEnd, part.partition);
      this.#stretches.push({ firstRow: row, part });
      const unpackedTo = calls.unpackedTo();
      this.#at += unpackedTo - to;
      this.#take(count);
      row += count;
      to = unpackedTo;
    } while (this.#at === this.#end && this.#openNext());
    return row;
  }

  /** Reads a row that does not; returns how many it was. */
  #readLong(): number {
    const { visits } = this;
    const place = { at: this.#at, end: this.#end };
    const end = readLongRow(this.#bytes, place, visits);
    if (end < 0) throw this.#broken();
    visits.partition[0] = this.#part!.partition;
    this.#at = end;
    this.#take(1);
    return 1;
  }

  /** So many rows of the part were read. */
  #take(count: number): void {
    this.#rowsLeft -= count;
    const isEnd = this.#at === this.#end;
    if (isEnd && this.#rowsLeft !== 0) throw this.#broken();
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
