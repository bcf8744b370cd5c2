import { hashKey } from "../../src/kernel/host/key_hash.ts";
import { VisitColumns } from "../../src/kernel/host/visit_columns.ts";
import { canonicalString } from "../../src/window/canonical_json.ts";
import { parseEventTime } from "../../src/window/event_time.ts";
import { VISIT } from "../../src/window/rejection.ts";

/** A visit in its plainest form. */
export interface SimpleVisit {
  readonly visitId: string;
  /** ISO 8601 with an offset; its timestamp is cut to whole ms. */
  readonly eventTime: string;
  readonly page?: string | null;
  readonly userId?: string | null;
  readonly partition?: number;
  /** The visit's place in the list when left out. */
  readonly offset?: number;
  /** An outcome code of `rejection.ts`; a visit when left out. */
  readonly outcome?: number;
}

/** Columns as a scanner would leave them; every string lies in the spill. */
export function buildColumns(
  visits: readonly SimpleVisit[],
  columns = new VisitColumns(),
): VisitColumns {
  columns.reset(Buffer.alloc(0), visits.length);
  for (const [index, visit] of visits.entries()) {
    fillRow(columns, index, visit);
  }
  return columns;
}

function fillRow(
  columns: VisitColumns,
  index: number,
  visit: SimpleVisit,
): void {
  const timestampMs = parseEventTime(visit.eventTime);
  if (typeof timestampMs === "string") {
    throw new TypeError(`Cannot build visit: ${timestampMs}`);
  }
  const put = (text: string | null, start: Int32Array, length: Int32Array) => {
    const canonical = canonicalString(text ?? "");
    start[index] = columns.pushSpill(canonical);
    length[index] = text === null ? -1 : canonical.length;
  };
  put(visit.visitId, columns.keyStart, columns.keyLength);
  put(visit.eventTime, columns.timeStart, columns.timeLength);
  put(visit.page ?? null, columns.pageStart, columns.pageLength);
  put(visit.userId ?? null, columns.userStart, columns.userLength);
  columns.keyHash[index] = hashKey(
    columns.spill,
    ~columns.keyStart[index]!,
    columns.keyLength[index]!,
  );
  columns.outcome[index] = visit.outcome ?? VISIT;
  columns.timestampMs[index] = timestampMs;
  columns.partition[index] = visit.partition ?? 0;
  columns.offset[index] = visit.offset ?? index;
}
