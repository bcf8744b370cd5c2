import { hashKey } from "../key_hash.ts";
import { canonicalString } from "./canonical_json.ts";
import { EventTimeReader } from "./event_time_bytes.ts";
import {
  EVENT_TIME,
  PAGE,
  RecordLeaves,
  USER_ID,
  VISIT_ID,
} from "./record_leaves.ts";
import { rejectionCode, VISIT } from "./rejection.ts";
import { TemplateScanner } from "./template_scanner.ts";
import { type RawRecords, VisitColumns } from "./visit_columns.ts";
import { parseVisit } from "./visit_parser.ts";

const EMPTY = rejectionCode("empty");
const TOO_LARGE = rejectionCode("too_large");
const QUOTE = 0x22;
/** Only `null` begins with it. */
const LETTER_N = 0x6e;

/** What decides whether a record is a visit. */
export interface VisitScannerOptions {
  /** Event times are cut to whole seconds or to whole ms. */
  readonly timePrecision: "s" | "ms";
  readonly maxRecordBytes: number;
  /** How far an event time may be ahead of its record; null for no check. */
  readonly maxSkewMs: number | null;
}

/**
 * Reads the visits of a task out of its raw records. A record that the quick
 * scanner does not vouch for goes to `parseVisit`, which alone rejects.
 */
export class VisitScanner {
  readonly #precisionMs: number;
  readonly #maxRecordBytes: number;
  readonly #maxSkewMs: number;
  readonly #leaves = new RecordLeaves();
  readonly #scanner = new TemplateScanner(this.#leaves);
  readonly #eventTimes = new EventTimeReader();
  #view: DataView = new DataView(new ArrayBuffer(0));
  #visits = new VisitColumns();
  /** The latest event time that the record may have, ms. */
  #latestMs = Number.POSITIVE_INFINITY;

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
    const { bytes, count, keyLengths, valueLengths, timestampsMs } = raw;
    into.reset(bytes, count);
    fillOrigins(raw, into);
    this.#visits = into;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let start = 0;
    for (let row = 0; row < count; row++) {
      if (keyLengths !== null) start += Math.max(0, keyLengths[row]!);
      const end = start + Math.max(0, valueLengths[row]!);
      const ownMs = timestampsMs === null ? -1 : timestampsMs[row]!;
      this.#latestMs = (ownMs < 0 ? nowMs : ownMs) + this.#maxSkewMs;
      into.outcome[row] = this.#scanRecord(row, start, end);
      start = end;
    }
  }

  #scanRecord(row: number, start: number, end: number): number {
    if (end === start) return EMPTY;
    if (end - start > this.#maxRecordBytes) return TOO_LARGE;
    const isVisit =
      this.#scanner.scan(this.#view, start, end) && this.#fillFromLeaves(row);
    return isVisit ? VISIT : this.#judge(row, start, end);
  }

  /** Fills a row from the leaves; false when they may be no visit. */
  #fillFromLeaves(row: number): boolean {
    const { start, end, fields } = this.#leaves;
    const visits = this.#visits;
    const time = fields[EVENT_TIME]!;
    if (time < 0 || this.#view.getUint8(start[time]!) !== QUOTE) return false;
    const timeStart = start[time]! + 1;
    const timeEnd = end[time]! - 1;
    const ms = this.#eventTimes.read(this.#view, timeStart, timeEnd);
    // Not `ms > latestMs`: NaN must not pass.
    if (!(ms <= this.#latestMs)) return false;
    visits.timestampMs[row] = this.#cut(ms);
    visits.timeStart[row] = timeStart;
    visits.timeLength[row] = timeEnd - timeStart;

    const isFilled =
      this.#fillString(visits.keyStart, visits.keyLength, row, VISIT_ID) &&
      this.#fillString(visits.pageStart, visits.pageLength, row, PAGE) &&
      this.#fillString(visits.userStart, visits.userLength, row, USER_ID);
    // A `visit_id` that is null or empty is none.
    if (!isFilled || visits.keyLength[row]! <= 0) return false;
    this.#hashKey(row);
    return true;
  }

  /** Puts a string, or null, into two columns; false when it is neither. */
  #fillString(
    starts: Int32Array,
    lengths: Int32Array,
    row: number,
    field: number,
  ): boolean {
    const leaves = this.#leaves;
    const leaf = leaves.fields[field]!;
    const start = leaf < 0 ? 0 : leaves.start[leaf]!;
    const first = leaf < 0 ? LETTER_N : this.#view.getUint8(start);
    if (first === LETTER_N) {
      starts[row] = 0;
      lengths[row] = -1;
      return true;
    }
    if (first !== QUOTE) return false;
    const end = leaves.end[leaf]!;
    if (end < 0) {
      const canonical = this.#canonicalOf(start, ~end);
      starts[row] = this.#visits.pushSpill(canonical);
      lengths[row] = canonical.length;
    } else {
      starts[row] = start + 1;
      lengths[row] = end - start - 2;
    }
    return true;
  }

  #canonicalOf(start: number, end: number): string {
    const json = this.#visits.bytes.toString("utf8", start, end);
    return canonicalString(JSON.parse(json) as string);
  }

  /** Lets `parseVisit` fill the row or say why it is no visit. */
  #judge(row: number, start: number, end: number): number {
    const visits = this.#visits;
    const visit = parseVisit(visits.bytes.subarray(start, end), this.#latestMs);
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
