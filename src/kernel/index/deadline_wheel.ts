import { FAIL_BEHIND_WHEEL } from "../codes.ts";
import { fail } from "../memory/failure.ts";
import {
  GROWING_LIST_BYTES,
  lengthOf,
  setLength,
} from "../memory/growing_list.ts";
import { deadlineOfEntry, VOID } from "./deadlines.ts";
import {
  clearList,
  entryValueOf,
  pushEntry,
  sessionOf,
  sortByValue,
} from "./entry_list.ts";

/*
 * Sessions by deadline: a hierarchical timing wheel with slots of a second.
 *
 *     level 0: one slot a second of the present 64      | . | x | . | x | ...
 *     level 1: one slot for each of the present 64 * 64 s   | . | x x | . ...
 *     level 2 ...
 *
 * An entry lies at the lowest level whose present range holds its second. When
 * time comes to a slot of a higher level, its entries move down.
 *
 * A deadline may be put off without telling: an entry that comes due too early
 * goes where it belongs then. Most visits put the end of their session off, so
 * this saves nearly all the work. For a deadline that comes nearer the session
 * gets a new entry with a new ticket, and the old entry is void.
 */
export const SLOT_BITS: i64 = 6;
export const SLOTS: i32 = 64;
/** 64 ** 7 seconds are 139,000 years. */
export const LEVELS: i32 = 7;
const LAST_S: f64 = 4398046511103;
/** Seconds are counted from some time before year 1, so that none is negative. */
const ORIGIN_S: f64 = -63000000000;
const MS_PER_SECOND: f64 = 1000;

/** Deadlines that are asked for together, so that their misses overlap. */
const ASKED: i32 = 32;
const ASKED_MS: usize = memory.data(8 * ASKED, 16);

const LISTS: usize = memory.data(LEVELS * SLOTS * GROWING_LIST_BYTES, 16);
/** Entries at each level. */
const COUNTS: usize = memory.data(4 * LEVELS, 16);

const STATE: usize = memory.data(32, 16);
/** Second that the wheel has come to; all entries lie at or behind it. */
const NOW_S: usize = 0;
const LAST_TICKET: usize = 8;
/** The slot that is being emptied, its level, and how far that has come. */
const SLOT: usize = 12;
const LEVEL: usize = 16;
const SEEN: usize = 20;
const SLOT_END: usize = 24;
const LOOKS_LEFT: usize = 28;

/**
 * Forgets all entries and starts again at a time that no deadline is before: what
 * is added then lies at once where it would else come to slot by slot.
 */
export function clearWheel(fromMs: f64): void {
  for (let slot = 0; slot < LEVELS * SLOTS; slot++) clearList(listAt(slot));
  memory.fill(COUNTS, 0, 4 * LEVELS);
  store<i64>(STATE, max<i64>(0, secondOf(fromMs)), NOW_S);
  store<i32>(STATE, 0, SEEN);
  store<i32>(STATE, 0, SLOT_END);
}

/** Adds an entry; returns its ticket. */
export function addDeadline(session: usize, deadlineMs: f64): i32 {
  const ticket = load<i32>(STATE, LAST_TICKET) + 1;
  store<i32>(STATE, ticket, LAST_TICKET);
  place(session, ticket, deadlineMs);
  return ticket;
}

function place(session: usize, ticket: i32, deadlineMs: f64): void {
  let second = secondOf(deadlineMs);
  let now = load<i64>(STATE, NOW_S);
  if (second < now) fail(FAIL_BEHIND_WHEEL);
  let level = 0;
  // At each level the time is counted in its slots: up to the present turn.
  for (;;) {
    now >>= SLOT_BITS;
    if (second >> SLOT_BITS === now) break;
    level++;
    second >>= SLOT_BITS;
  }
  const digit = <i32>second & (SLOTS - 1);
  pushEntry(listAt(level * SLOTS + digit), session, ticket);
  addCount(level, 1);
}

/** True when `takeDue` has stopped amid a slot: it had looked at enough. */
export function isWheelBusy(): bool {
  return load<i32>(STATE, SEEN) < load<i32>(STATE, SLOT_END);
}

/** The second that the wheel has come to. */
export function wheelSecond(): i64 {
  return load<i64>(STATE, NOW_S);
}

export function lastTicket(): i32 {
  return load<i32>(STATE, LAST_TICKET);
}

/**
 * While the wheel is busy: the list that it is amid, and the entries of it that
 * it has not seen, which may lie behind the end of the list.
 */
export function busyList(): usize {
  return load<usize>(STATE, SLOT);
}
export function busyFrom(): i32 {
  return load<i32>(STATE, SEEN);
}
export function busyEnd(): i32 {
  return load<i32>(STATE, SLOT_END);
}

/** Lets `takeDue` look at so many entries more before it is busy. */
export function renewWheel(looks: i32): void {
  store<i32>(STATE, looks, LOOKS_LEFT);
}

/**
 * Fills `due` with the sessions whose deadline is at or before `untilMs`, those
 * of the earliest second that has any, in order. False when none are left, or
 * the wheel is busy: to be called again with the same list, before anything is
 * added.
 */
export function takeDue(untilMs: f64, due: usize): bool {
  const untilS = secondOf(untilMs);
  if (!isWheelBusy()) clearList(due);
  for (;;) {
    if (!isWheelBusy() && !beginNextSlot(untilS)) return false;
    emptySlot(untilMs, due);
    if (isWheelBusy()) return false;
    if (lengthOf(due) > 0) break;
    // What the last second still holds is due later in that second.
    const isLast = load<i64>(STATE, NOW_S) === untilS;
    if (load<i32>(STATE, LEVEL) === 0 && isLast) return false;
  }
  sortByValue(due);
  return true;
}

/** Goes on to the next slot with entries; false when that is behind `untilS`. */
function beginNextSlot(untilS: i64): bool {
  let level = 0;
  while (level < LEVELS && countAt(level) === 0) level++;
  const second = level < LEVELS ? firstSecond(level) : i64.MAX_VALUE;
  const now = load<i64>(STATE, NOW_S);
  store<i64>(STATE, max(now, min(second, untilS)), NOW_S);
  if (second > untilS) return false;
  const digit = <i32>(second >> (SLOT_BITS * level)) & (SLOTS - 1);
  const slot = listAt(level * SLOTS + digit);
  const length = lengthOf(slot);
  store<i64>(STATE, second, NOW_S);
  store<usize>(STATE, slot, SLOT);
  store<i32>(STATE, level, LEVEL);
  store<i32>(STATE, 0, SEEN);
  store<i32>(STATE, length, SLOT_END);
  addCount(level, -length);
  // Some may go back into this very slot: never past what is read already.
  setLength(slot, 0);
  return true;
}

/** First second of the first slot with entries at a level that has some. */
function firstSecond(level: i32): i64 {
  const bits = SLOT_BITS * level;
  let ordinal = load<i64>(STATE, NOW_S) >> bits;
  while (true) {
    const digit = <i32>ordinal & (SLOTS - 1);
    if (lengthOf(listAt(level * SLOTS + digit)) > 0) return ordinal << bits;
    ordinal++;
  }
}

/** Those that are due go into `due`, the others to where they belong by now. */
function emptySlot(untilMs: f64, due: usize): void {
  const slot = load<usize>(STATE, SLOT);
  const isLowest = load<i32>(STATE, LEVEL) === 0;
  const startMs = (<f64>load<i64>(STATE, NOW_S) + ORIGIN_S) * MS_PER_SECOND;
  const lastMs = min(untilMs, startMs + MS_PER_SECOND - 1);
  const end = load<i32>(STATE, SLOT_END);
  let seen = load<i32>(STATE, SEEN);
  let looksLeft = load<i32>(STATE, LOOKS_LEFT);
  while (seen < end && looksLeft > 0) {
    const count = min(ASKED, end - seen);
    ask(slot, seen, count);
    for (let i = 0; i < count; i++) {
      const session = sessionOf(slot, seen);
      const ticket = entryValueOf(slot, seen);
      seen++;
      const deadlineMs = load<f64>(ASKED_MS + ((<usize>i) << 3));
      if (deadlineMs === VOID) continue;
      if (isLowest && deadlineMs <= lastMs) {
        pushEntry(due, session, <i32>(deadlineMs - startMs));
      } else {
        place(session, ticket, deadlineMs);
      }
    }
    looksLeft -= count;
  }
  store<i32>(STATE, seen, SEEN);
  store<i32>(STATE, looksLeft, LOOKS_LEFT);
  if (seen === end && lengthOf(slot) === 0) clearList(slot);
}

/**
 * Asks for the deadlines of some entries. The sessions lie anywhere in memory:
 * in a loop that does nothing else the processor waits for many at a time.
 */
function ask(slot: usize, from: i32, count: i32): void {
  for (let i = 0; i < count; i++) {
    const ms = deadlineOfEntry(
      sessionOf(slot, from + i),
      entryValueOf(slot, from + i),
    );
    store<f64>(ASKED_MS + ((<usize>i) << 3), ms);
  }
}

/** The list of a slot, counted through all levels. */
export function listAt(slot: i32): usize {
  return LISTS + <usize>(slot * GROWING_LIST_BYTES);
}

/** Entries at a level, without those of the slot that is being emptied. */
export function countAt(level: i32): i32 {
  return load<i32>(COUNTS + ((<usize>level) << 2));
}

function addCount(level: i32, count: i32): void {
  store<i32>(COUNTS + ((<usize>level) << 2), countAt(level) + count);
}

/** The second of a time, of those that the wheel knows; -1 before all. */
export function secondOf(ms: f64): i64 {
  const second = floor(ms / MS_PER_SECOND) - ORIGIN_S;
  return <i64>max<f64>(-1, min<f64>(LAST_S, second));
}
