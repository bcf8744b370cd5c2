import { VarintReader } from "./varint_reader.ts";

/**
 * Reads what stands around the value of Kafka's records (v2), and allocates
 * nothing: one, reused, a reader.
 */
export class RecordReader {
  /** The byte behind the record. */
  end = 0;
  /** Relative to the record's batch. */
  timestampDelta = 0;
  offsetDelta = 0;
  keyStart = 0;
  /** -1 for a null key. */
  keyLength = 0;
  valueStart = 0;
  /** -1 for a null value. */
  valueLength = 0;
  readonly #varint = new VarintReader();

  /** Reads the record at `at`; false when it reaches past itself, or `end`. */
  read(bytes: Buffer, at: number, end: number): boolean {
    const varint = this.#varint;
    const byteLength = varint.read(bytes, at);
    this.end = varint.end + byteLength;
    // One byte of attributes, of which none has a meaning, is stepped over.
    this.timestampDelta = varint.read(bytes, varint.end + 1);
    this.offsetDelta = varint.read(bytes, varint.end);
    this.keyLength = varint.read(bytes, varint.end);
    this.keyStart = varint.end;
    const keyEnd = this.keyStart + Math.max(0, this.keyLength);
    this.valueLength = varint.read(bytes, keyEnd);
    this.valueStart = varint.end;
    // Headers are not read: the next record is known from the length.
    const valueEnd = this.valueStart + Math.max(0, this.valueLength);
    return byteLength > 0 && valueEnd <= this.end && this.end <= end;
  }
}
