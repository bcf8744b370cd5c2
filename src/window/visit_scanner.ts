import { hashKey } from "../key_hash.ts";
import { canonicalString } from "./canonical_json.ts";
import { rejectionCode, VISIT } from "./rejection.ts";
import { ScanKernel } from "./scan_kernel.ts";
import { type RawRecords, VisitColumns } from "./visit_columns.ts";
import { parseVisit } from "./visit_parser.ts";

const EMPTY = rejectionCode("empty");
const TOO_LARGE = rejectionCode("too_large");

/** What decides whether a record is a visit. */
export interface VisitScannerOptions {
  /** Event times are cut to whole seconds or to whole ms. */
  readonly timePrecision: "s" | "ms";
  readonly maxRecordBytes: number;
  /** How far an event time may be ahead of its record; null for no check. */
  readonly maxSkewMs: number | null;
}

/** The columns that the kernel fills. */
const COLUMNS = [
  "outcome",
  "timestampMs",
  "keyHash",
  "keyStart",
  "keyLength",
  "timeStart",
  "timeLength",
  "pageStart",
  "pageLength",
  "userStart",
  "userLength",
] as const;

/**
 * Reads the visits of a task out of its raw records. A record that the kernel
 * does not vouch for goes to `parseVisit`, which alone rejects.
 */
export class VisitScanner {
  readonly #precisionMs: number;
  readonly #maxRecordBytes: number;
  readonly #maxSkewMs: number;
  readonly #kernel = new ScanKernel();
  #raw: RawRecords | null = null;
  #visits = new VisitColumns();
  #nowMs = 0;
  /** Where the next record begins, its key included. */
  #at = 0;

  constructor(options: VisitScannerOptions) {
    this.#precisionMs = options.timePrecision === "s" ? 1000 : 1;
    this.#maxRecordBytes = options.maxRecordBytes;
    this.#maxSkewMs = options.maxSkewMs ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Fills `into` with the visits of `raw`, one row a record. `nowMs`, in ms
   * since the epoch, stands in for the timestamp that a record has not.
   */
  scan(raw: RawRecords, into: VisitColumns, nowMs: number): void {
    into.reset(raw.bytes, raw.count);
    fillOrigins(raw, into);
    this.#raw = raw;
    this.#visits = into;
    this.#nowMs = nowMs;
    this.#at = 0;
    for (let row = 0; row < raw.count; ) {
      const count = this.#scanFrom(raw, row);
      row += count > 0 ? count : this.#passOver(raw, row);
    }
  }

  /** Scans as many records as the kernel takes at once; returns how many. */
  #scanFrom(raw: RawRecords, first: number): number {
    const kernel = this.#kernel;
    const from = this.#at;
    const count = this.#place(raw, first);
    if (count === 0) return 0;
    kernel.records.set(raw.bytes.subarray(from, this.#at));
    kernel.scan(count, from, this.#precisionMs);
    this.#take(first, count);
    const { outcome, recordStart } = kernel;
    for (let i = 0; i < count; i++) {
      if (outcome[i] === kernel.visit) continue;
      const row = first + i;
      const start = from + recordStart[i]!;
      this.#visits.outcome[row] =
        outcome[i] === kernel.odd
          ? this.#mend(row)
          : this.#judge(row, start, start + raw.valueLengths[row]!);
    }
    return count;
  }

  /** Tells the kernel where the next records are; returns how many fit. */
  #place(raw: RawRecords, first: number): number {
    const { recordStart, recordEnd, latestMs, recordsBytes, rowsMax } =
      this.#kernel;
    const { keyLengths, valueLengths } = raw;
    const from = this.#at;
    const countMax = Math.min(rowsMax, raw.count - first);
    let count = 0;
    for (; count < countMax; count++) {
      const row = first + count;
      const keyLength = keyLengths === null ? 0 : keyLengths[row]!;
      const length = Math.max(0, valueLengths[row]!);
      const start = this.#at + Math.max(0, keyLength) - from;
      if (start + length > recordsBytes) break;
      const isTooLarge = length > this.#maxRecordBytes;
      recordStart[count] = start;
      recordEnd[count] = isTooLarge ? start : start + length;
      latestMs[count] = this.#latestMsOf(raw, row);
      this.#at = from + start + length;
    }
    return count;
  }

  /** The latest event time that a record may have, ms. */
  #latestMsOf({ timestampsMs }: RawRecords, row: number): number {
    const ownMs = timestampsMs === null ? -1 : timestampsMs[row]!;
    return (ownMs < 0 ? this.#nowMs : ownMs) + this.#maxSkewMs;
  }

  /** Judges a record that is too large for the kernel; returns one. */
  #passOver(raw: RawRecords, row: number): number {
    const start = this.#at + Math.max(0, raw.keyLengths?.[row] ?? 0);
    this.#at = start + raw.valueLengths[row]!;
    this.#visits.outcome[row] = this.#judge(row, start, this.#at);
    return 1;
  }

  /** Takes over what the kernel has found, row by row. */
  #take(first: number, count: number): void {
    const kernel = this.#kernel;
    const visits = this.#visits;
    for (const name of COLUMNS) {
      visits[name].set(kernel[name].subarray(0, count), first);
    }
  }

  /** Rewrites the strings of a row that are not in canonical form. */
  #mend(row: number): number {
    const visits = this.#visits;
    const { keyStart, keyLength } = visits;
    this.#mendString(visits.pageStart, visits.pageLength, row);
    this.#mendString(visits.userStart, visits.userLength, row);
    if (this.#mendString(keyStart, keyLength, row)) this.#hashKey(row);
    return VISIT;
  }

  #mendString(starts: Int32Array, lengths: Int32Array, row: number): boolean {
    if (lengths[row]! >= -1) return false;
    const start = starts[row]! - 1;
    const json = this.#visits.bytes.toString(
      "utf8",
      start,
      start - lengths[row]!,
    );
    this.#spill(starts, lengths, row, JSON.parse(json) as string);
    return true;
  }

  /** Lets `parseVisit` fill the row or say why it is no visit. */
  #judge(row: number, start: number, end: number): number {
    if (end <= start) return EMPTY;
    if (end - start > this.#maxRecordBytes) return TOO_LARGE;
    const visits = this.#visits;
    const value = visits.bytes.subarray(start, end);
    const visit = parseVisit(value, this.#latestMsOf(this.#raw!, row));
    if (typeof visit === "string") return rejectionCode(visit);
    this.#spill(visits.keyStart, visits.keyLength, row, visit.visitId);
    this.#spill(visits.timeStart, visits.timeLength, row, visit.eventTime);
    this.#spill(visits.pageStart, visits.pageLength, row, visit.page);
    this.#spill(visits.userStart, visits.userLength, row, visit.userId);
    visits.timestampMs[row] = this.#cut(visit.timestampMs);
    this.#hashKey(row);
    return VISIT;
  }

  #spill(
    starts: Int32Array,
    lengths: Int32Array,
    row: number,
    text: string | null,
  ): void {
    const canonical = text === null ? null : canonicalString(text);
    starts[row] = canonical === null ? 0 : this.#visits.pushSpill(canonical);
    lengths[row] = canonical === null ? -1 : canonical.length;
  }

  #hashKey(row: number): void {
    const { bytes, spill, keyStart, keyLength, keyHash } = this.#visits;
    const start = keyStart[row]!;
    const isSlice = start >= 0;
    keyHash[row] = hashKey(
      isSlice ? bytes : spill,
      isSlice ? start : ~start,
      keyLength[row]!,
    );
  }

  #cut(ms: number): number {
    const precisionMs = this.#precisionMs;
    return Math.floor(ms / precisionMs) * precisionMs;
  }
}

/** Says of each row from which partition it is, and its offset there. */
function fillOrigins(raw: RawRecords, into: VisitColumns): void {
  let row = 0;
  for (let run = 0; run < raw.runCounts.length; run++) {
    const partition = raw.runPartitions[run]!;
    const baseOffset = raw.runBaseOffsets[run]!;
    for (const end = row + raw.runCounts[run]!; row < end; row++) {
      into.partition[row] = partition;
      into.offset[row] = baseOffset + raw.offsetDeltas[row]!;
    }
  }
}
