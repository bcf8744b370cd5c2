import type { CloseReason } from "../../src/kernel/host/session_names.ts";
import type { VisitColumns } from "../../src/kernel/host/visit_columns.ts";

/** A visit as the plain store keeps it; strings are canonical. */
export interface PlainVisit {
  readonly key: string;
  readonly keyHash: number;
  readonly timestampMs: number;
  readonly eventTime: string;
  readonly page: string | null;
  readonly user: string | null;
  readonly partition: number;
  readonly offset: number;
  /** Counts the visits that were kept, in the order in which they came. */
  readonly arrival: number;
}

/** A session window and what is in it. */
export interface PlainSession {
  readonly key: string;
  readonly keyHash: number;
  readonly idPartition: number;
  readonly idOffset: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly visits: readonly PlainVisit[];
  /** Ids of fired sessions that merged into this one, by start. */
  readonly supersedes: readonly string[];
  /** -1 when it never fired. */
  lastRevision: number;
  /** Visits that were in no firing: while there are any, one is due. */
  unfiredVisits: number;
}

/** Whether it holds visits of other partitions than the one in its id. */
export function isMixed({ visits, idPartition }: PlainSession): boolean {
  return visits.some(({ partition }) => partition !== idPartition);
}

/** What causes a firing. */
export interface FiringCause {
  readonly closeReason: CloseReason;
  readonly causeOffset: number;
}

/** Copies the visit at `index` out of the columns. */
export function readVisit(
  columns: VisitColumns,
  index: number,
  arrival: number,
): PlainVisit {
  const text = (start: number, length: number) => {
    const bytes = start < 0 ? columns.spill : columns.bytes;
    const from = start < 0 ? ~start : start;
    return bytes.toString("latin1", from, from + length);
  };
  const nullable = (start: number, length: number) =>
    length < 0 ? null : text(start, length);
  return {
    key: text(columns.keyStart[index]!, columns.keyLength[index]!),
    keyHash: columns.keyHash[index]!,
    timestampMs: columns.timestampMs[index]!,
    eventTime: text(columns.timeStart[index]!, columns.timeLength[index]!),
    page: nullable(columns.pageStart[index]!, columns.pageLength[index]!),
    user: nullable(columns.userStart[index]!, columns.userLength[index]!),
    partition: columns.partition[index]!,
    offset: columns.offset[index]!,
    arrival,
  };
}

/** The session of one visit alone. */
export function openSession(visit: PlainVisit, gapMs: number): PlainSession {
  return {
    key: visit.key,
    keyHash: visit.keyHash,
    idPartition: visit.partition,
    idOffset: visit.offset,
    startMs: visit.timestampMs,
    endMs: visit.timestampMs + gapMs,
    visits: [visit],
    supersedes: [],
    lastRevision: -1,
    unfiredVisits: 1,
  };
}

/** `first` with `second` in it; `first` gives the id. */
export function mergeSessions(
  first: PlainSession,
  second: PlainSession,
): PlainSession {
  const swallowed =
    second.lastRevision >= 0
      ? [`${second.idPartition}-${second.idOffset}`]
      : [];
  return {
    ...first,
    startMs: Math.min(first.startMs, second.startMs),
    endMs: Math.max(first.endMs, second.endMs),
    visits: [...first.visits, ...second.visits],
    supersedes: [...first.supersedes, ...swallowed, ...second.supersedes],
    lastRevision: Math.max(first.lastRevision, second.lastRevision),
    unfiredVisits: first.unfiredVisits + second.unfiredVisits,
  };
}
