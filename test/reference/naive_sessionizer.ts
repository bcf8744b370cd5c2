import { parseEventTime } from "../../src/window/event_time.ts";
import type { SimpleVisit } from "../support/visit_columns_builder.ts";

/**
 * The last forms of visits of which none is late, as `normalizedLastForms`
 * gives them: sort by time, cut where the distance is more than a gap. The
 * visits are in the order in which they arrived.
 */
export function naiveLastForms(
  visits: readonly SimpleVisit[],
  gapMs: number,
): string[] {
  const forms: string[] = [];
  for (const ofOneId of Map.groupBy(
    visits.entries(),
    ([, visit]) => visit.visitId,
  ).values()) {
    for (const session of cutAtGaps(ofOneId, gapMs)) forms.push(form(session));
  }
  return forms.sort();
}

/** A visit and its place in the order of arrival. */
type Arrival = readonly [number, SimpleVisit];

function cutAtGaps(arrivals: Arrival[], gapMs: number): Arrival[][] {
  const sessions: Arrival[][] = [];
  let lastMs = -Infinity;
  for (const arrival of arrivals.toSorted((a, b) => timeOf(a) - timeOf(b))) {
    if (timeOf(arrival) - lastMs > gapMs) sessions.push([]);
    sessions.at(-1)!.push(arrival);
    lastMs = timeOf(arrival);
  }
  return sessions;
}

function timeOf([, visit]: Arrival): number {
  return Number(parseEventTime(visit.eventTime));
}

function form(session: Arrival[]): string {
  const arrived = session.toSorted(([a], [b]) => a - b).map(([, it]) => it);
  const pages = arrived
    .map(({ page = null, eventTime }) => ({ page, event_time: eventTime }))
    .sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
  return JSON.stringify({
    visit_id: arrived[0]!.visitId,
    start_time: pages.at(0)!.event_time,
    end_time: pages.at(-1)!.event_time,
    visited_pages: [pages],
    user_id: [arrived.at(-1)!.userId ?? null],
  });
}

function bytes(page: { readonly event_time: string }): Buffer {
  return Buffer.from(page.event_time);
}
