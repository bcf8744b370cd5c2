import { MAX_EVENT_TIME_MS, MIN_EVENT_TIME_MS } from "./event_time.ts";

const FOUR_CENTURIES_MS = 146_097 * 86_400_000;

/** Little-endian words of `+00:00`. */
const UTC_HEAD = 0x3a30302b;
const UTC_TAIL = 0x3030;

/**
 * Reads event times from bytes without making anything. Most visits are of
 * the same minute, or at least day, as the one before: both are remembered.
 */
export class EventTimeReader {
  /** The bytes `YYYY-MM-DDThh:mm` of the last minute, and its start. */
  #minuteHead = Number.NaN;
  #minuteTail = 0;
  #minuteMs = 0;
  /** The bytes `YYYY-MM-DD` of the last day, and its start. */
  #dayHead = Number.NaN;
  #dayTail = 0;
  #dayMs = 0;

  /**
   * The instant in ms since the epoch, rounded down, of the event time at
   * `[start, end)`; NaN when it may be none, for `parseEventTime` to say why.
   */
  read(view: DataView, start: number, end: number): number {
    // The shortest one is `2024-06-01T01:12Z`.
    if (end - start < 17) return Number.NaN;
    const minuteMs = this.#readMinute(view, start);
    let at = start + 16;
    let secondsMs = 0;
    if (view.getUint8(at) === 0x3a) {
      if (end - at < 4) return Number.NaN;
      secondsMs = readTwoDigits(view, at + 1, 59) * 1000;
      at += 3;
      if (view.getUint8(at) === 0x2e) {
        const fractionEnd = skipDigits(view, at + 1, end);
        if (fractionEnd === at + 1) return Number.NaN;
        secondsMs += readFractionMs(view, at + 1, fractionEnd);
        at = fractionEnd;
      }
    }
    const offsetMs = readOffsetMinutes(view, at, end) * 60_000;
    return inRange(minuteMs + secondsMs - offsetMs);
  }

  /** Start of the minute `YYYY-MM-DDThh:mm`, NaN when there is none. */
  #readMinute(view: DataView, start: number): number {
    const head = view.getFloat64(start, true);
    const tail = view.getFloat64(start + 8, true);
    if (head === this.#minuteHead && tail === this.#minuteTail) {
      return this.#minuteMs;
    }
    const separator = view.getUint8(start + 10);
    if (separator !== 0x54 && separator !== 0x20) return Number.NaN;
    if (view.getUint8(start + 13) !== 0x3a) return Number.NaN;
    const hour = readTwoDigits(view, start + 11, 23);
    const minute = hour * 60 + readTwoDigits(view, start + 14, 59);
    const minuteMs = this.#readDay(view, start) + minute * 60_000;
    if (Number.isNaN(minuteMs)) return minuteMs;
    this.#minuteHead = head;
    this.#minuteTail = tail;
    this.#minuteMs = minuteMs;
    return minuteMs;
  }

  /** Start of the day `YYYY-MM-DD`, NaN when there is none. */
  #readDay(view: DataView, start: number): number {
    const head = view.getFloat64(start, true);
    const tail = view.getInt16(start + 8, true);
    if (head === this.#dayHead && tail === this.#dayTail) return this.#dayMs;
    const dayMs = parseDay(view, start);
    if (Number.isNaN(dayMs)) return dayMs;
    this.#dayHead = head;
    this.#dayTail = tail;
    this.#dayMs = dayMs;
    return dayMs;
  }
}

/** Start of the day `YYYY-MM-DD`, NaN when there is none. */
function parseDay(view: DataView, start: number): number {
  if (view.getUint8(start + 4) !== 0x2d || view.getUint8(start + 7) !== 0x2d) {
    return Number.NaN;
  }
  const century = readTwoDigits(view, start, 99);
  const year = century * 100 + readTwoDigits(view, start + 2, 99);
  const month = readTwoDigits(view, start + 5, 12);
  const day = readTwoDigits(view, start + 8, 31);
  if (!(year >= 1 && month >= 1 && day >= 1)) return Number.NaN;
  // `Date.UTC` takes the years 0 to 99 for 1900 to 1999, but the calendar
  // comes again every 400 years.
  const dayMs = Date.UTC(year + 400, month - 1, day);
  // A day that the month does not have would be one of the next month.
  if (dayMs >= Date.UTC(year + 400, month, 1)) return Number.NaN;
  return dayMs - FOUR_CENTURIES_MS;
}

/** Offset from UTC at `Z`, `±hh:mm` or `±hhmm` up to `end`, or NaN. */
function readOffsetMinutes(view: DataView, at: number, end: number): number {
  if (at >= end) return Number.NaN;
  const sign = view.getUint8(at);
  if (sign === 0x5a && end - at === 1) return 0;
  if (sign !== 0x2b && sign !== 0x2d) return Number.NaN;
  if (end - at === 6 && isUtc(view, at)) return 0;
  const minuteAt = end - 2;
  if (end - at === 6) {
    if (view.getUint8(at + 3) !== 0x3a) return Number.NaN;
  } else if (end - at !== 5) {
    return Number.NaN;
  }
  const minutes =
    readTwoDigits(view, at + 1, 23) * 60 + readTwoDigits(view, minuteAt, 59);
  return sign === 0x2d ? -minutes : minutes;
}

function isUtc(view: DataView, at: number): boolean {
  return (
    view.getInt32(at, true) === UTC_HEAD &&
    view.getInt16(at + 4, true) === UTC_TAIL
  );
}

function skipDigits(view: DataView, from: number, end: number): number {
  let at = from;
  while (at < end && isDigit(view.getUint8(at))) at++;
  return at;
}

/** Whole ms of the digits behind the point. */
function readFractionMs(view: DataView, start: number, end: number): number {
  let ms = 0;
  for (let at = start; at < start + 3; at++) {
    ms = ms * 10 + (at < end ? view.getUint8(at) - 0x30 : 0);
  }
  return ms;
}

/** A number of two digits, NaN when it is none or above `max`. */
function readTwoDigits(view: DataView, at: number, max: number): number {
  const tens = view.getUint8(at);
  const ones = view.getUint8(at + 1);
  const value = tens * 10 + ones - 0x30 * 11;
  return isDigit(tens) && isDigit(ones) && value <= max ? value : Number.NaN;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function inRange(timestampMs: number): number {
  return timestampMs >= MIN_EVENT_TIME_MS && timestampMs <= MAX_EVENT_TIME_MS
    ? timestampMs
    : Number.NaN;
}
