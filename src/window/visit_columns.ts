/** Raw records of one task as the wire hands them over; nothing is copied. */
export interface RawRecords {
  /** Key (when carried) and value of each record, one behind the other. */
  readonly bytes: Buffer;
  readonly count: number;
  /** -1 for a null key; `null` when keys are not carried. */
  readonly keyLengths: Int32Array | null;
  /** -1 for a null value. */
  readonly valueLengths: Int32Array;
  /** Records come in runs from one partition. */
  readonly runPartitions: Int32Array;
  readonly runCounts: Int32Array;
  readonly runBaseOffsets: Float64Array;
  /** Offset of each record behind the base offset of its run. */
  readonly offsetDeltas: Int32Array;
  /** Record timestamps in ms, only when event times are checked for skew. */
  readonly timestampsMs: Float64Array | null;
}

/**
 * The visits of one task, column by column, as a scanner leaves them and a
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
  }

  /** Appends canonical bytes to the spill; returns the start to store. */
  pushSpill(canonical: string): number {
    const start = this.spillLength;
    const end = start + canonical.length;
    if (end > this.spill.length) {
      const grown = Buffer.alloc(Math.max(end, this.spill.length * 2));
      this.spill.copy(grown, 0, 0, start);
      this.spill = grown;
    }
    this.spill.write(canonical, start, "latin1");
    this.spillLength = end;
    return ~start;
  }
}
