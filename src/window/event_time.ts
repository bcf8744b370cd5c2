/** Why an event time gives no timestamp. */
export type EventTimeFault =
  | "event_time_invalid"
  | "event_time_no_offset"
  | "event_time_out_of_range";

/** 0001-01-01T00:00:00Z, the first instant that a visit can have. */
export const MIN_EVENT_TIME_MS = -62_135_596_800_000;

/** 9999-12-31T23:59:59.999Z, the last one. */
export const MAX_EVENT_TIME_MS = 253_402_300_799_999;

const DATE = String.raw`(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)`;
const HOUR_MINUTE = String.raw`(?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d)`;
const SECOND = String.raw`(?::(?<second>[0-5]\d)(?:\.(?<fraction>\d+))?)?`;
const OFFSET = String.raw`(?<offset>Z|(?<sign>[+-])(?<offsetHour>[01]\d|2[0-3]):?(?<offsetMinute>[0-5]\d))?`;
const EVENT_TIME = new RegExp(`^${DATE}[T ]${HOUR_MINUTE}${SECOND}${OFFSET}$`);

/**
 * The instant of an ISO 8601 `event_time` in ms since the epoch, rounded down
 * to a whole ms, or why it has none.
 */
export function parseEventTime(text: string): number | EventTimeFault {
  const parts = EVENT_TIME.exec(text)?.groups;
  if (parts === undefined) return "event_time_invalid";
  const year = Number(parts.year);
  const month = Number(parts.month);
  const day = Number(parts.day);
  const date = new Date(0);
  // Not `Date.UTC`, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
    return "event_time_invalid";
  }
  if (parts.offset === undefined) return "event_time_no_offset";

  const timestampMs =
    date.getTime() + timeOfDayMs(parts) - offsetMinutes(parts) * 60_000;
  return year > 0 &&
    timestampMs >= MIN_EVENT_TIME_MS &&
    timestampMs <= MAX_EVENT_TIME_MS
    ? timestampMs
    : "event_time_out_of_range";
}

type Groups = Readonly<Record<string, string | undefined>>;

function timeOfDayMs(parts: Groups): number {
  const minutes = Number(parts.hour) * 60 + Number(parts.minute);
  const seconds = minutes * 60 + Number(parts.second ?? 0);
  const fraction = (parts.fraction ?? "").slice(0, 3).padEnd(3, "0");
  return seconds * 1000 + Number(fraction);
}

function offsetMinutes(parts: Groups): number {
  const hours = Number(parts.offsetHour ?? 0);
  const minutes = hours * 60 + Number(parts.offsetMinute ?? 0);
  return parts.sign === "-" ? -minutes : minutes;
}
