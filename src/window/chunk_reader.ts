import { ODD } from "../kernel/codes.ts";
import type { VisitColumns } from "../kernel/host/visit_columns.ts";
import { WindowKernel } from "../kernel/host/window_kernel.ts";
import { BatchCursor } from "../record/batch_cursor.ts";
import { batchByteLength } from "../record/batch_header_reader.ts";
import type { ChunkPlace } from "../record/chunk.ts";
import { RecordReader } from "../record/record_reader.ts";
import { canonicalOdd } from "./canonical_json.ts";
import { tellClocks } from "./kernel_rows.ts";
import { VISIT } from "./rejection.ts";
import { VisitJudge, type VisitRules } from "./visit_judge.ts";
import {
  contentsOf,
  type RecordContents,
  type VisitReader,
} from "./visit_reader.ts";

const NO_BYTES: Buffer = Buffer.alloc(0);

/**
 * Reads the visits of chunks as Kafka wrote them, as many at a time as fit into
 * the kernel's memory, where they stay until they are applied: what is looked
 * at twice is still in the processor's caches. A record that the kernel does
 * not vouch for goes to `parseVisit`, which alone rejects.
 */
export class ChunkReader implements VisitReader<ChunkPlace> {
  readonly #kernel: WindowKernel;
  readonly #judge: VisitJudge;
  readonly #cursor = new BatchCursor();
  readonly #record = new RecordReader();
  readonly rejected: number[] = [];
  /**
   * Where the records of the last call of `next` are, from the first to behind
   * the last one: the places of their rows count from `start`.
   */
  readonly range = { bytes: NO_BYTES, start: 0, end: 0 };
  /** Where in those bytes the kernel's part of them ends. */
  #loadedEnd = 0;
  /** Where the last batch ends in the frame, which may be much larger. */
  #frameEnd = 0;
  #nowMs = 0;

  /** Without a kernel, it gets one for itself alone. */
  constructor(rules: VisitRules, kernel = new WindowKernel()) {
    this.#kernel = kernel;
    const { timePrecision, maxRecordBytes, maxSkewMs } = rules;
    const precisionMs = timePrecision === "s" ? 1000 : 1;
    const skewMs = maxSkewMs ?? Number.POSITIVE_INFINITY;
    this.#judge = new VisitJudge(this.visits, rules);
    kernel.configure(precisionMs, maxRecordBytes, skewMs);
  }

  get recordBytes(): number {
    return this.range.end - this.range.start;
  }

  get visits(): VisitColumns {
    return this.#kernel.columns;
  }

  /** Throws a `WorldError` for a batch that is corrupt, as `next` does. */
  open(chunk: ChunkPlace, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#kernel.calls.setNow(nowMs);
    this.#frameEnd = endOf(chunk);
    this.#cursor.open(chunk);
    this.visits.reset(this.#kernel.records, 0);
  }

  next(): boolean {
    const { visits } = this;
    do {
      this.rejected.length = 0;
      if (this.#cursor.isDone) return false;
      this.#load();
      if (this.#scanRows() > 0) this.#finish(visits.count);
      else this.#readLarge();
      // Else nobody wants those records: on to the next.
    } while (visits.count === 0);
    return true;
  }

  findForeign(shard: number, shardCount: number): number {
    const { count } = this.visits;
    return this.#kernel.calls.findForeign(count, shard, shardCount);
  }

  tellClocks(observe: (partition: number, ms: number) => void): void {
    tellClocks(this.#kernel, observe);
  }

  record(row: number): RecordContents {
    const { bytes, recordKeyStart, recordKeyLength, valueStart, valueLength } =
      this.visits;
    return contentsOf(bytes, {
      keyStart: recordKeyStart[row]!,
      keyLength: recordKeyLength[row]!,
      valueStart: valueStart[row]!,
      valueLength: valueLength[row]!,
    });
  }

  /** Puts the next bytes into the kernel's memory. */
  #load(): void {
    const { records } = this.#kernel;
    const { range } = this;
    const { bytes, at, isPacked } = this.#cursor;
    const bytesEnd = isPacked ? bytes.length : this.#frameEnd;
    range.bytes = bytes;
    range.start = at;
    range.end = at;
    this.#loadedEnd = Math.min(bytesEnd, at + records.length);
    bytes.copy(records, 0, at, this.#loadedEnd);
    this.visits.reset(records, 0);
  }

  /**
   * Scans the records that are all there, of one batch after the other, into
   * rows if they are wanted; returns how many it has scanned.
   */
  #scanRows(): number {
    const { calls } = this.#kernel;
    const { range, visits } = this;
    const { capacity } = visits;
    const cursor = this.#cursor;
    let scanned = 0;
    let count = 0;
    // What was unpacked of the next batch is elsewhere.
    while (cursor.bytes === range.bytes && count < capacity) {
      const { partition, baseOffset, baseTimeMs, hasAppendTime } = cursor;
      const { isWhole, recordsLeft } = cursor;
      const rowsEnd = isWhole
        ? Math.min(count + recordsLeft, capacity)
        : count + 1;
      const end = Math.min(cursor.end, this.#loadedEnd) - range.start;
      calls.setOrigin(partition, baseOffset, baseTimeMs, hasAppendTime);
      const rows = calls.scan(count, rowsEnd, cursor.at - range.start, end);
      if (rows < 0) throw cursor.corrupt();
      if (rows === 0) break;
      scanned += rows;
      // The next record takes the row of one that is not wanted.
      if (isWhole || this.#isWanted(visits.offset[count]!)) count += rows;
      range.end = range.start + calls.scannedTo();
      cursor.advance(rows, range.end);
    }
    visits.count = count;
    return scanned;
  }

  #isWanted(offset: number): boolean {
    const { firstOffset, endOffset } = this.#cursor;
    return offset >= firstOffset && offset < endOffset;
  }

  /** Reads a record that is too large for the kernel into row 0. */
  #readLarge(): void {
    const { visits, range } = this;
    const cursor = this.#cursor;
    const record = this.#record;
    const { bytes } = cursor;
    if (!record.read(bytes, cursor.at, cursor.end)) throw cursor.corrupt();
    const offset = cursor.baseOffset + record.offsetDelta;
    const { baseTimeMs, hasAppendTime } = cursor;
    const delta = hasAppendTime === 1 ? 0 : record.timestampDelta;
    visits.bytes = bytes;
    visits.partition[0] = cursor.partition;
    visits.offset[0] = offset;
    visits.recordTimeMs[0] = baseTimeMs + delta;
    visits.recordStart[0] = 0;
    visits.recordKeyStart[0] = record.keyStart;
    visits.recordKeyLength[0] = record.keyLength;
    visits.valueStart[0] = record.valueStart;
    visits.valueLength[0] = record.valueLength;
    range.end = record.end;
    visits.count = this.#isWanted(offset) ? 1 : 0;
    if (visits.count === 1) this.#judgeRow(0);
    cursor.advance(1, record.end);
  }

  /** Does what the kernel has left over. */
  #finish(count: number): void {
    const { calls } = this.#kernel;
    const { outcome } = this.visits;
    let row = calls.nextOther(0, count);
    while (row < count) {
      if (outcome[row] === ODD) this.#mend(row);
      else this.#judgeRow(row);
      row = calls.nextOther(row + 1, count);
    }
  }

  #judgeRow(row: number): void {
    const outcome = this.#judge.judge(row, this.#nowMs);
    this.visits.outcome[row] = outcome;
    if (outcome !== VISIT) this.rejected.push(row);
  }

  /** Rewrites the strings of a row that are not in canonical form. */
  #mend(row: number): void {
    const { visits } = this;
    const { keyStart, keyLength } = visits;
    this.#mendString(visits.pageStart, visits.pageLength, row);
    this.#mendString(visits.userStart, visits.userLength, row);
    if (this.#mendString(keyStart, keyLength, row)) visits.hashKey(row);
    visits.outcome[row] = VISIT;
  }

  /** Rewrites a string if it has to be; returns whether it had. */
  #mendString(starts: Int32Array, lengths: Int32Array, row: number): boolean {
    if (lengths[row]! >= -1) return false;
    const { visits } = this;
    const canonical = canonicalOdd(visits.bytes, starts[row]!, lengths[row]!);
    starts[row] = visits.pushSpill(canonical);
    lengths[row] = canonical.length;
    return true;
  }
}

/** The byte behind the last batch of a chunk. */
function endOf({ memory, starts }: ChunkPlace): number {
  const last = starts.at(-1);
  if (last === undefined) return 0;
  return last + batchByteLength(Buffer.from(memory), last);
}
