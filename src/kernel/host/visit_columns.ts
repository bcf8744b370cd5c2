import { hashKey } from "./key_hash.ts";

/**
 * The visits of some records, column by column, as a scanner leaves them and a
 * store reads them. Strings are in the form in which Python's `json.dumps`
 * writes them, without the quotes: pure ASCII, so that equal strings are equal
 * bytes and formatting is copying. A string that stands so in the record is a
 * slice of it (`start >= 0`, in `bytes`); any other was rewritten into `spill`
 * (`start < 0`, at `~start`). The lengths of page and user are -1 for null.
 */
export class VisitColumns {
  bytes: Buffer = Buffer.alloc(0);
  spill: Buffer = Buffer.alloc(4096);
  spillLength = 0;
  count = 0;
  capacity = 0;
  /** `VISIT`, or the code of the reason why the record is rejected. */
  outcome = new Uint8Array(0);
  keyStart = new Int32Array(0);
  keyLength = new Int32Array(0);
  /** `hashKey` of the canonical key bytes. */
  keyHash = new Int32Array(0);
  timeStart = new Int32Array(0);
  timeLength = new Int32Array(0);
  pageStart = new Int32Array(0);
  pageLength = new Int32Array(0);
  userStart = new Int32Array(0);
  userLength = new Int32Array(0);
  /** Event time at the configured precision, ms since the epoch. */
  timestampMs = new Float64Array(0);
  partition = new Int32Array(0);
  offset = new Float64Array(0);
  /** Time that the record was given, ms since the epoch, -1 for none. */
  recordTimeMs = new Float64Array(0);
  /** Where the record begins; only those that move it know in which bytes. */
  recordStart = new Int32Array(0);
  /** Where in `bytes` the record's own key and value are; -1 long for null. */
  recordKeyStart = new Int32Array(0);
  recordKeyLength = new Int32Array(0);
  valueStart = new Int32Array(0);
  valueLength = new Int32Array(0);

  /** Makes room for `count` visits; what the columns held is gone. */
  reset(bytes: Buffer, count: number): void {
    this.bytes = bytes;
    this.spillLength = 0;
    this.count = count;
    if (count > this.capacity) this.#allocate(Math.max(1024, count * 2));
  }

  #allocate(capacity: number): void {
    this.capacity = capacity;
    this.outcome = new Uint8Array(capacity);
    this.keyStart = new Int32Array(capacity);
    this.keyLength = new Int32Array(capacity);
    this.keyHash = new Int32Array(capacity);
    this.timeStart = new Int32Array(capacity);
    this.timeLength = new Int32Array(capacity);
    this.pageStart = new Int32Array(capacity);
    this.pageLength = new Int32Array(capacity);
    this.userStart = new Int32Array(capacity);
    this.userLength = new Int32Array(capacity);
    this.timestampMs = new Float64Array(capacity);
    this.partition = new Int32Array(capacity);
    this.offset = new Float64Array(capacity);
    this.recordTimeMs = new Float64Array(capacity);
    this.recordStart = new Int32Array(capacity);
    this.recordKeyStart = new Int32Array(capacity);
    this.recordKeyLength = new Int32Array(capacity);
    this.valueStart = new Int32Array(capacity);
    this.valueLength = new Int32Array(capacity);
  }

  /** Hashes the key of a row. */
  hashKey(row: number): void {
    const start = this.keyStart[row]!;
    const isSlice = start >= 0;
    this.keyHash[row] = hashKey(
      isSlice ? this.bytes : this.spill,
      isSlice ? start : ~start,
      this.keyLength[row]!,
    );
  }

  /** Appends canonical bytes to the spill; returns the start to store. */
  pushSpill(canonical: string): number {
    const start = this.#growSpill(canonical.length);
    this.spill.write(canonical, start, "latin1");
    return ~start;
  }

  /** The same with bytes of a buffer. */
  copyToSpill(bytes: Buffer, from: number, byteLength: number): number {
    const start = this.#growSpill(byteLength);
    bytes.copy(this.spill, start, from, from + byteLength);
    return ~start;
  }

  /** Makes so many bytes more part of the spill; returns where they begin. */
  #growSpill(byteLength: number): number {
    const start = this.spillLength;
    const end = start + byteLength;
    if (end > this.spill.length) {
      const grown = Buffer.alloc(Math.max(end, this.spill.length * 2));
      this.spill.copy(grown, 0, 0, start);
      this.spill = grown;
    }
    this.spillLength = end;
    return start;
  }
}
