import { UTC_HEAD_WORD, UTC_TAIL_WORD } from "../generated/fixed_texts.ts";
import { isDigit } from "./decimal.ts";

/** No event time, or one that another must judge. */
export const NO_TIME: i64 = i64.MIN_VALUE;

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z, ms since the epoch. */
const EARLIEST_MS: i64 = -62135596800000;
const LATEST_MS: i64 = 253402300799999;

const MINUTE_MS: i64 = 60000;
const DAY_MS: i64 = 86400000;

/** Where the digits of a fraction begin, and those of it below the ms. */
const FRACTION: usize = 20;
const BELOW_MS: usize = 23;

/** What digits give that are none, or too large: far out of any range. */
const NO_NUMBER: i32 = 1 << 20;

/** The bytes `YYYY-MM-DDThh:mm` of the last minute, and its start. */
let minuteHead: u64 = 0;
let minuteTail: u64 = 0;
let minuteMs: i64 = NO_TIME;

/**
 * The instant in ms since the epoch, rounded down, of the event time at
 * `[start, end)`, or `NO_TIME`. Most visits are of the same minute as the one
 * before, which is therefore remembered.
 */
export function readEventTime(start: usize, end: usize): i64 {
  // The shortest one is `2024-06-01T01:12Z`.
  if (end - start < 17) return NO_TIME;
  const head = load<u64>(start);
  const tail = load<u64>(start, 8);
  if (head !== minuteHead || tail !== minuteTail) {
    minuteMs = parseMinute(start);
    minuteHead = head;
    minuteTail = tail;
  }
  if (minuteMs === NO_TIME) return NO_TIME;
  let at = start + 16;
  let ms: i32 = 0;
  if (load<u8>(at) === 0x3a) {
    if (end - at < 4) return NO_TIME;
    ms = readTwoDigits(at + 1, 59) * 1000;
    at += 3;
    if (load<u8>(at) === 0x2e) {
      const fractionEnd = skipDigits(at + 1, end);
      if (fractionEnd === at + 1) return NO_TIME;
      ms += readFractionMs(at + 1, fractionEnd);
      at = fractionEnd;
    }
  }
  const offsetMinutes = readOffsetMinutes(at, end);
  if (ms >= NO_NUMBER || offsetMinutes >= NO_NUMBER) return NO_TIME;
  const instantMs = minuteMs + ms - <i64>offsetMinutes * MINUTE_MS;
  const isInRange = instantMs >= EARLIEST_MS && instantMs <= LATEST_MS;
  return isInRange ? instantMs : NO_TIME;
}

/** Start of the minute `YYYY-MM-DDThh:mm`. */
function parseMinute(start: usize): i64 {
  const separator = load<u8>(start + 10);
  if (separator !== 0x54 && separator !== 0x20) return NO_TIME;
  if (load<u8>(start + 13) !== 0x3a) return NO_TIME;
  if (load<u8>(start + 4) !== 0x2d || load<u8>(start + 7) !== 0x2d) {
    return NO_TIME;
  }
  const century = readTwoDigits(start, 99);
  const yearOfCentury = readTwoDigits(start + 2, 99);
  const month = readTwoDigits(start + 5, 12);
  const day = readTwoDigits(start + 8, 31);
  const hour = readTwoDigits(start + 11, 23);
  const minute = readTwoDigits(start + 14, 59);
  if ((century | yearOfCentury | month | day | hour | minute) >= NO_NUMBER) {
    return NO_TIME;
  }
  const year = century * 100 + yearOfCentury;
  if (year < 1 || month < 1 || day < 1 || day > daysOf(month, year)) {
    return NO_TIME;
  }
  const minutes: i64 = hour * 60 + minute;
  return <i64>daysSinceEpoch(year, month, day) * DAY_MS + minutes * MINUTE_MS;
}

function daysOf(month: i32, year: i32): i32 {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function isLeapYear(year: i32): bool {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/**
 * Days from 1970-01-01 to a day of the Gregorian calendar. Years are taken to
 * begin in March, so that the leap day is the last of its year.
 */
function daysSinceEpoch(year: i32, month: i32, day: i32): i32 {
  const marchYear = month > 2 ? year : year - 1;
  const monthsSinceMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = (153 * monthsSinceMarch + 2) / 5 + day - 1;
  const leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400;
  return marchYear * 365 + leapDays + dayOfYear - 719468;
}

/** Offset from UTC at `Z`, `±hh:mm` or `±hhmm` up to `end`. */
function readOffsetMinutes(at: usize, end: usize): i32 {
  if (at >= end) return NO_NUMBER;
  const sign = load<u8>(at);
  if (sign === 0x5a && end - at === 1) return 0;
  if (sign !== 0x2b && sign !== 0x2d) return NO_NUMBER;
  if (end - at === 6) {
    if (load<u32>(at) === UTC_HEAD_WORD && load<u16>(at, 4) === UTC_TAIL_WORD)
      return 0;
    if (load<u8>(at + 3) !== 0x3a) return NO_NUMBER;
  } else if (end - at !== 5) {
    return NO_NUMBER;
  }
  const hours = readTwoDigits(at + 1, 23);
  const minutes = readTwoDigits(end - 2, 59);
  if ((hours | minutes) >= NO_NUMBER) return NO_NUMBER;
  return sign === 0x2d ? -(hours * 60 + minutes) : hours * 60 + minutes;
}

function skipDigits(from: usize, end: usize): usize {
  let at = from;
  while (at < end && isDigit(load<u8>(at))) at++;
  return at;
}

/**
 * Compares what two event times of the same ms have behind it: negative when the
 * first is the earlier one.
 */
export function compareBelowMs(
  a: usize,
  aEnd: usize,
  b: usize,
  bEnd: usize,
): i32 {
  let aAt = a + BELOW_MS;
  let bAt = b + BELOW_MS;
  const aStop = hasFraction(a, aEnd) ? skipDigits(a + FRACTION, aEnd) : a;
  const bStop = hasFraction(b, bEnd) ? skipDigits(b + FRACTION, bEnd) : b;
  while (aAt < aStop || bAt < bStop) {
    const aDigit: i32 = aAt < aStop ? load<u8>(aAt) : 0x30;
    const bDigit: i32 = bAt < bStop ? load<u8>(bAt) : 0x30;
    if (aDigit !== bDigit) return aDigit - bDigit;
    aAt++;
    bAt++;
  }
  return 0;
}

/** Whether the seconds of an event time have a fraction. */
function hasFraction(start: usize, end: usize): bool {
  return end - start > FRACTION && load<u8>(start + FRACTION - 1) === 0x2e;
}

/** Whole ms of the digits behind the point. */
function readFractionMs(start: usize, end: usize): i32 {
  let ms: i32 = 0;
  for (let at = start; at < start + 3; at++) {
    ms = ms * 10 + (at < end ? <i32>load<u8>(at) - 0x30 : 0);
  }
  return ms;
}

/** A number of two digits; `NO_NUMBER` when it is none or above `max`. */
function readTwoDigits(at: usize, max: i32): i32 {
  const tens = load<u8>(at);
  const ones = load<u8>(at + 1);
  if (!isDigit(tens) || !isDigit(ones)) return NO_NUMBER;
  const value = <i32>tens * 10 + <i32>ones - 0x30 * 11;
  return value <= max ? value : NO_NUMBER;
}
