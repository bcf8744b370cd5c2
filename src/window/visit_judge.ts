import type { VisitColumns } from "../kernel/host/visit_columns.ts";
import { canonicalString } from "./canonical_json.ts";
import { rejectionCode, VISIT } from "./rejection.ts";
import { parseVisit } from "./visit_parser.ts";

const EMPTY = rejectionCode("empty");
const TOO_LARGE = rejectionCode("too_large");

/** What decides whether a record is a visit. */
export interface VisitRules {
  /** Event times are cut to whole seconds or to whole ms. */
  readonly timePrecision: "s" | "ms";
  readonly maxRecordBytes: number;
  /** How far an event time may be ahead of its record; null for no check. */
  readonly maxSkewMs: number | null;
}

/** Judges the records that the kernel does not vouch for, and fills their rows. */
export class VisitJudge {
  readonly #visits: VisitColumns;
  readonly #rules: VisitRules;

  constructor(visits: VisitColumns, rules: VisitRules) {
    this.#visits = visits;
    this.#rules = rules;
  }

  /**
   * Fills a row of which only the record's place and time are known; returns
   * its outcome. `nowMs` stands in for a time that it has not.
   */
  judge(row: number, nowMs: number): number {
    const visits = this.#visits;
    const start = visits.valueStart[row]!;
    const length = visits.valueLength[row]!;
    if (length <= 0) return EMPTY;
    if (length > this.#rules.maxRecordBytes) return TOO_LARGE;
    const value = visits.bytes.subarray(start, start + length);
    const visit = parseVisit(value, this.#latestMs(row, nowMs));
    if (typeof visit === "string") return rejectionCode(visit);
    this.#spill(visits.keyStart, visits.keyLength, row, visit.visitId);
    this.#spill(visits.timeStart, visits.timeLength, row, visit.eventTime);
    this.#spill(visits.pageStart, visits.pageLength, row, visit.page);
    this.#spill(visits.userStart, visits.userLength, row, visit.userId);
    visits.timestampMs[row] = this.#cut(visit.timestampMs);
    visits.hashKey(row);
    return VISIT;
  }

  /** The latest event time that the record of a row may have, ms. */
  #latestMs(row: number, nowMs: number): number {
    const ownMs = this.#visits.recordTimeMs[row]!;
    const maxSkewMs = this.#rules.maxSkewMs ?? Number.POSITIVE_INFINITY;
    return (ownMs < 0 ? nowMs : ownMs) + maxSkewMs;
  }

  #cut(ms: number): number {
    return this.#rules.timePrecision === "s"
      ? Math.floor(ms / 1000) * 1000
      : ms;
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
}
