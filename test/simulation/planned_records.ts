import type { SimpleVisit } from "../support/visit_columns_builder.ts";
import type { Plan } from "./plan.ts";

/** A partition from when it is assigned until it is revoked. */
export interface Incarnation {
  readonly partition: number;
  readonly number: number;
  /** What was read of it, by its mark. */
  readonly read: Map<string, SimpleVisit>;
  position: number;
  hasBegun: boolean;
  isFinished: boolean;
}

/** A partition that is read from its start, once the pipeline says so. */
export function newIncarnation(partition: number, number: number): Incarnation {
  const start = { position: 0, hasBegun: false, isFinished: false };
  return { partition, number, read: new Map(), ...start };
}

/** Reads the next record of an incarnation. */
export function takeValue(plan: Plan, incarnation: Incarnation): string {
  const record = recordAt(plan, incarnation, incarnation.position++);
  incarnation.read.set(record.mark, record.visit);
  return record.value;
}

/** What stands at an offset, as it is read in an incarnation. */
function recordAt(
  plan: Plan,
  { partition, number }: Incarnation,
  offset: number,
): { mark: string; visit: SimpleVisit; value: string } {
  const record = plan.logs[partition]![offset]!;
  const mark = `${partition}-${offset}#${number}`;
  const visit = {
    visitId: `visitor ${record.visitor}`,
    eventTime: new Date(record.eventMs).toISOString(),
    page: mark,
    // Which visit of several partitions comes last is not for a naive one.
    userId: plan.isMixed ? "someone" : `user ${offset % 5}`,
  };
  if (record.kind === "garbage") {
    return { mark, visit, value: `garbage ${mark}` };
  }
  const value = JSON.stringify({
    visit_id: visit.visitId,
    event_time: visit.eventTime,
    page: visit.page,
    user_id: visit.userId,
  });
  return { mark, visit, value };
}

/** By offset: the earliest event time of a visit there or behind. */
export function leastFromHere(log: Plan["logs"][number]): Float64Array {
  const least = new Float64Array(log.length + 1).fill(Infinity);
  for (let at = log.length - 1; at >= 0; at--) {
    const { kind, eventMs } = log[at]!;
    const ms = kind === "garbage" ? Infinity : eventMs;
    least[at] = Math.min(ms, least[at + 1]!);
  }
  return least;
}
