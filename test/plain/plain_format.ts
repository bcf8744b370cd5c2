import { parseEventTime } from "../../src/window/event_time.ts";
import type { PageOrder } from "../../src/window/window_store.ts";
import type { PlainSession, PlainVisit } from "./plain_session.ts";

/** The JSON value of a firing, as Python's `json.dumps` writes it. */
export function formatSession(
  session: PlainSession,
  context: {
    readonly generationTime: string;
    readonly watermarkMs: number;
    readonly pageOrder: PageOrder;
  },
): string {
  const byOrder = context.pageOrder === "time" ? compareInstants : compare;
  const visits = session.visits.toSorted(
    (a, b) => byOrder(a.eventTime, b.eventTime) || a.arrival - b.arrival,
  );
  const pages = visits.map(formatPage);
  const last = session.visits.reduce((a, b) => (a.arrival > b.arrival ? a : b));
  return (
    `{"visit_id": ${quote(session.key)}, ` +
    `"start_time": ${quote(visits.at(0)!.eventTime)}, ` +
    `"end_time": ${quote(visits.at(-1)!.eventTime)}, ` +
    `"visited_pages": [[${pages.join(", ")}]], ` +
    `"user_id": [${quote(last.user)}], ` +
    `"data_processing_context": {` +
    `"generation_time": ${quote(context.generationTime)}, ` +
    `"watermark": ${quote(isoWatermark(context.watermarkMs))}}}`
  );
}

/** Bytes of the pages of a session, each with what stands before the next. */
export function bytesOf(session: PlainSession): number {
  return session.visits.reduce(
    (sum, visit) => sum + `${formatPage(visit)}, `.length,
    0,
  );
}

/** The JSON value of a page. */
export function formatPage({ page, eventTime }: PlainVisit): string {
  return `{"page": ${quote(page)}, "event_time": ${quote(eventTime)}}`;
}

/** Orders strings by their units: for canonical strings, by their bytes. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function quote(canonical: string | null): string {
  return canonical === null ? "null" : `"${canonical}"`;
}

/** Orders event times by their instants, to the last digit. */
export function compareInstants(a: string, b: string): number {
  const [aSecond, aFraction] = secondsOf(a);
  const [bSecond, bFraction] = secondsOf(b);
  if (aSecond !== bSecond) return aSecond - bSecond;
  const length = Math.max(aFraction.length, bFraction.length);
  return compare(aFraction.padEnd(length, "0"), bFraction.padEnd(length, "0"));
}

/** The whole second of an event time, and the digits of its fraction. */
function secondsOf(eventTime: string): [number, string] {
  const fraction = /\.(\d+)/.exec(eventTime)?.[1] ?? "";
  const second = parseEventTime(eventTime.replace(/\.\d+/, ""));
  return [Number(second), fraction];
}

/** A watermark in ms as Python's `isoformat` writes it in UTC; "" before the first. */
function isoWatermark(watermarkMs: number): string {
  if (watermarkMs === -Infinity) return "";
  if (watermarkMs === Infinity) return "9999-12-31T23:59:59.999999+00:00";
  return new Date(watermarkMs)
    .toISOString()
    .replace(".000Z", "+00:00")
    .replace("Z", "000+00:00");
}
