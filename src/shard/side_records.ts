import type { RawRecords, VisitColumns } from "../window/visit_columns.ts";

/** Side code of a late visit. */
export const SIDE_LATE = 0;
/** Side code of a session that its topic does not take. */
export const SIDE_OVERSIZED = 255;

/**
 * Late visits, rejected records and oversized sessions on their way back to
 * main: columns, and the bytes of keys and values one behind the other.
 */
export class SideRecords {
  readonly codes: number[] = [];
  readonly partitions: number[] = [];
  readonly offsets: number[] = [];
  readonly keyLengths: number[] = [];
  readonly valueLengths: number[] = [];
  bytes: Buffer = Buffer.alloc(4096);
  byteLength = 0;
  #raw: RawRecords | null = null;
  #starts = new Int32Array(0);
  #startsKnown = false;

  /** The records that `addRecord` speaks of from here on. */
  readFrom(raw: RawRecords): void {
    this.#raw = raw;
    this.#startsKnown = false;
  }

  /** Adds the record at `index`; without its bytes unless `whole`. */
  addRecord(
    index: number,
    code: number,
    options: { visits: VisitColumns; whole: boolean },
  ): void {
    const raw = this.#raw!;
    this.codes.push(code);
    this.partitions.push(options.visits.partition[index]!);
    this.offsets.push(options.visits.offset[index]!);
    const keyLength = raw.keyLengths?.[index] ?? -1;
    const valueLength = raw.valueLengths[index]!;
    this.keyLengths.push(options.whole ? keyLength : -1);
    this.valueLengths.push(options.whole ? valueLength : -1);
    if (!options.whole) return;
    const start = this.#startOf(index);
    const length = Math.max(0, keyLength) + Math.max(0, valueLength);
    this.#append(raw.bytes.subarray(start, start + length));
  }

  /** Adds a record of our own making. */
  addOwn(code: number, key: Uint8Array, value: Uint8Array): void {
    this.codes.push(code);
    this.partitions.push(-1);
    this.offsets.push(-1);
    this.keyLengths.push(key.length);
    this.valueLengths.push(value.length);
    this.#append(key);
    this.#append(value);
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
  }

  /** Starts are summed up only when a batch has a side record at all. */
  #startOf(index: number): number {
    const raw = this.#raw!;
    if (!this.#startsKnown) {
      if (this.#starts.length < raw.count) {
        this.#starts = new Int32Array(raw.count * 2);
      }
      let start = 0;
      for (let i = 0; i < raw.count; i++) {
        this.#starts[i] = start;
        start += Math.max(0, raw.keyLengths?.[i] ?? 0);
        start += Math.max(0, raw.valueLengths[i]!);
      }
      this.#startsKnown = true;
    }
    return this.#starts[index]!;
  }

  #append(bytes: Uint8Array): void {
    const end = this.byteLength + bytes.length;
    if (end > this.bytes.length) {
      const grown = Buffer.alloc(Math.max(end, this.bytes.length * 2));
      this.bytes.copy(grown, 0, 0, this.byteLength);
      this.bytes = grown;
    }
    this.bytes.set(bytes, this.byteLength);
    this.byteLength = end;
  }
}
