import type { VisitColumns } from "../kernel/host/visit_columns.ts";
import type { RecordContents } from "../window/visit_reader.ts";

/** Side code of a late visit. */
export const SIDE_LATE = 0;
/** Side code of a session that its topic does not take. */
export const SIDE_OVERSIZED = 255;

/**
 * Late visits, rejected records and oversized sessions on their way back to
 * main: columns, and the bytes of keys and values one behind the other. Where
 * nobody keeps rejected records, only the place of the last one: an example.
 */
export class SideRecords {
  readonly codes: number[] = [];
  readonly partitions: number[] = [];
  readonly offsets: number[] = [];
  readonly keyLengths: number[] = [];
  readonly valueLengths: number[] = [];
  bytes: Buffer = Buffer.alloc(4096);
  byteLength = 0;
  /** Where in the columns the example is, -1 for nowhere. */
  #exampleAt = -1;

  /** Adds the record of the row at `index`, whole. */
  addRecord(
    index: number,
    code: number,
    from: { readonly visits: VisitColumns } & RecordContents,
  ): void {
    const { visits, key, value } = from;
    this.codes.push(code);
    this.partitions.push(visits.partition[index]!);
    this.offsets.push(visits.offset[index]!);
    this.#append(this.keyLengths, key);
    this.#append(this.valueLengths, value);
  }

  /** Takes the place of the record at `index` for the example. */
  setExample(index: number, code: number, visits: VisitColumns): void {
    if (this.#exampleAt < 0) {
      this.#exampleAt = this.codes.length;
      this.keyLengths.push(-1);
      this.valueLengths.push(-1);
    }
    this.codes[this.#exampleAt] = code;
    this.partitions[this.#exampleAt] = visits.partition[index]!;
    this.offsets[this.#exampleAt] = visits.offset[index]!;
  }

  /** Adds a record of our own making. */
  addOwn(code: number, key: Buffer, value: Buffer): void {
    this.codes.push(code);
    this.partitions.push(-1);
    this.offsets.push(-1);
    this.#append(this.keyLengths, key);
    this.#append(this.valueLengths, value);
  }

  /** Forgets all. */
  clear(): void {
    for (const column of [
      this.codes,
      this.partitions,
      this.offsets,
      this.keyLengths,
      this.valueLengths,
    ]) {
      column.length = 0;
    }
    this.byteLength = 0;
    this.#exampleAt = -1;
  }

  #append(lengths: number[], bytes: Buffer | null): void {
    lengths.push(bytes === null ? -1 : bytes.length);
    if (bytes === null) return;
    const end = this.byteLength + bytes.length;
    if (end > this.bytes.length) {
      const grown = Buffer.alloc(Math.max(end, this.bytes.length * 2));
      this.bytes.copy(grown, 0, 0, this.byteLength);
      this.bytes = grown;
    }
    bytes.copy(this.bytes, this.byteLength);
    this.byteLength = end;
  }
}
