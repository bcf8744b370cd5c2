import fc from "fast-check";
import type { SimpleVisit } from "./visit_columns_builder.ts";

/** The distance that closes a session of arrivals, ms. */
export const ARRIVALS_GAP_MS = 10_000;
/** No arrival is further behind the latest before it, ms. */
export const ARRIVALS_BOUND_MS = 20_000;
export const ARRIVALS_PARTITIONS = 3;

const START_MS = Date.parse("2024-06-01T00:00:00Z");

/** One visit, and how it comes. */
export interface Arrival {
  /** The visitor; decides about the partition. */
  readonly visitor: number;
  /** Time behind that of its place in the stream: disorder within the bound. */
  readonly delaySeconds: number;
  /** Time that passes in the stream before it. */
  readonly stepSeconds: number;
  /** A source batch ends behind it. */
  readonly cut: boolean;
}

/** Records of one partition, as a source hands them over. */
export interface ArrivedBatch {
  readonly partition: number;
  readonly baseOffset: number;
  readonly values: readonly string[];
}

/** So many arrivals at most, of visitors from 0 to the highest. */
export function arrivals(
  count: { readonly minLength?: number; readonly maxLength: number },
  highest: { readonly visitor: number; readonly stepSeconds: number },
): fc.Arbitrary<Arrival[]> {
  const arrival = fc.record({
    visitor: fc.nat(highest.visitor),
    delaySeconds: fc.nat(ARRIVALS_BOUND_MS / 1000),
    stepSeconds: fc.nat(highest.stepSeconds),
    cut: fc.boolean(),
  });
  return fc.array(arrival, count);
}

/** Visits of each partition, in order, cut into batches. */
export function batchesOf(all: readonly Arrival[]) {
  const visits: SimpleVisit[] = [];
  const batches: ArrivedBatch[] = [];
  const open = Array.from({ length: ARRIVALS_PARTITIONS }, () => {
    return { offset: 0, values: [] as string[] };
  });
  const close = (partition: number) => {
    const { offset, values } = open[partition]!;
    if (values.length === 0) return;
    batches.push({ partition, baseOffset: offset, values });
    open[partition] = { offset: offset + values.length, values: [] };
  };
  let nowMs = START_MS;
  for (const { visitor, delaySeconds, stepSeconds, cut } of all) {
    nowMs += stepSeconds * 1000;
    const partition = visitor % ARRIVALS_PARTITIONS;
    const visit = {
      visitId: `visitor ${visitor}`,
      eventTime: new Date(nowMs - delaySeconds * 1000).toISOString(),
      page: `page ${visits.length}`,
      userId: `user ${visits.length % 7}`,
    };
    visits.push(visit);
    const { visitId, eventTime, page, userId } = visit;
    const value = { visit_id: visitId, event_time: eventTime, page };
    open[partition]!.values.push(JSON.stringify({ ...value, user_id: userId }));
    if (cut) close(partition);
  }
  for (const partition of open.keys()) close(partition);
  return { visits, batches };
}
