import {
  REJECTION_REASONS,
  type RejectionReason,
  rejectionCode,
  rejectionReason,
} from "../window/rejection.ts";
import { CLOSE_REASONS, type CloseReason } from "../window/window_store.ts";
import type { Report } from "./generated/report.ts";

// What a shard counts and holds, as one vector each in its report. A new counter
// needs a line here, the place that counts it (`ShardOutput.count`) and the place
// that shows it (`Tally.count`).

/** What happened in a shard since its last report. */
const EVENTS = {
  visits: "records applied, whatever became of them",
  recordBytes: "bytes of the records that it scanned itself, unpacked",
  late: "visits that came when their window was gone",
  rejected: "records that are no visit, for any reason",
  sessions: "sessions put out, each of their revisions",
  revisions: "sessions put out that had been put out before",
  visitsInSessions: "visits in firings, each counted once",
  droppedVisits:
    "visits of windows that went with a revoked partition or a clear",
  restoredVisits:
    "visits that no firing has held, in windows that came from the window log",
  oversized: "sessions that the topic does not take",
} as const;

/** What a shard holds. */
const HOLDINGS = {
  openSessions: "sessions whose windows are not gone",
  unfiredVisits: "visits in open windows that no firing has held yet",
  openMixedSessions: "open sessions with visits of more than one partition",
  mixedSessions: "sessions that ever had some, since the start",
  bytesHeld: "bytes of memory that windows are held in",
} as const;

/** Name of a counter. */
export type CounterName =
  | keyof typeof EVENTS
  | `rejected: ${RejectionReason}`
  | `closed: ${CloseReason}`;
/** Name of a gauge. */
export type GaugeName = keyof typeof HOLDINGS;

/** A counter or a gauge; its index in the list is that in the vector. */
interface Meter<Name> {
  readonly name: Name;
  readonly meaning: string;
}

/** All counters, which a report has since the last one. */
export const COUNTERS: readonly Meter<CounterName>[] = [
  ...metersOf(EVENTS),
  ...REJECTION_REASONS.map((reason) => ({
    name: rejectedFor(reason),
    meaning: `records that are no visit: ${reason}`,
  })),
  ...CLOSE_REASONS.map((reason) => ({
    name: closedFor(reason),
    meaning: `sessions put out because of: ${reason}`,
  })),
];

/** All gauges, which a report has as they are then. */
export const GAUGES: readonly Meter<GaugeName>[] = metersOf(HOLDINGS);

const COUNTER_INDEX = indexOf(COUNTERS);
const GAUGE_INDEX = indexOf(GAUGES);

/** By outcome code: no name is put together for each record. */
const REJECTED_BY_CODE: CounterName[] = [];
for (const reason of REJECTION_REASONS) {
  REJECTED_BY_CODE[rejectionCode(reason)] = rejectedFor(reason);
}

/** The counter of the records that are rejected for a reason. */
export function rejectedFor(reason: RejectionReason): CounterName {
  return `rejected: ${reason}`;
}

/** The same by outcome code. Throws for a code that is unknown. */
export function rejectedByCode(code: number): CounterName {
  return REJECTED_BY_CODE[code] ?? rejectedFor(rejectionReason(code));
}

/** The counter of the sessions that are put out for a reason. */
export function closedFor(reason: CloseReason): CounterName {
  return `closed: ${reason}`;
}

/** The place of a counter in its vector. */
export function counterIndex(name: CounterName): number {
  return COUNTER_INDEX[name];
}

/** The place of a gauge in its vector. */
export function gaugeIndex(name: GaugeName): number {
  return GAUGE_INDEX[name];
}

/** The vector of all gauges. */
export function gaugeValues(
  values: Readonly<Record<GaugeName, number>>,
): Float64Array {
  return Float64Array.from(GAUGES, ({ name }) => values[name]);
}

/** A counter of a report. */
export function counterOf(report: Report, name: CounterName): number {
  return report.counters(counterIndex(name)) ?? 0;
}

/** A gauge of a report. */
export function gaugeOf(report: Report, name: GaugeName): number {
  return report.gauges(gaugeIndex(name)) ?? 0;
}

function metersOf<Name extends string>(
  meanings: Readonly<Record<Name, string>>,
): Meter<Name>[] {
  const entries = Object.entries(meanings) as [Name, string][];
  return entries.map(([name, meaning]) => ({ name, meaning }));
}

function indexOf<Name extends string>(
  meters: readonly Meter<Name>[],
): Readonly<Record<Name, number>> {
  const entries = meters.map(({ name }, index) => [name, index]);
  return Object.fromEntries(entries);
}
