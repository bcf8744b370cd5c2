import { allocate, bytesOf, free } from "../memory/arena.ts";

/*
 * A growing list of sessions, each with an integer beside it:
 *
 *     list: | entries | length | capacity |      entries: | session | value | ...
 */
const ENTRIES: usize = 0;
const LENGTH: usize = 4;
const CAPACITY: usize = 8;
/** Bytes of a list. */
export const LIST_BYTES: i32 = 12;

const FIRST_CAPACITY: i32 = 16;
/** Capacity that an empty list may keep. */
const KEPT_CAPACITY: i32 = 128;

/** Values that `sortByValue` can sort. */
const VALUES_MAX: i32 = 1000;
const PLACES: usize = memory.data(4 * VALUES_MAX, 16);

export function lengthOf(list: usize): i32 {
  return load<i32>(list, LENGTH);
}

export function setLength(list: usize, length: i32): void {
  store<i32>(list, length, LENGTH);
}

export function pushEntry(list: usize, session: usize, value: i32): void {
  const length = lengthOf(list);
  if (length === load<i32>(list, CAPACITY)) grow(list);
  const entry = entryAt(list, length);
  store<usize>(entry, session);
  store<i32>(entry, value, 4);
  setLength(list, length + 1);
}

function grow(list: usize): void {
  const capacity = max(FIRST_CAPACITY, 2 * load<i32>(list, CAPACITY));
  const old = load<usize>(list, ENTRIES);
  const entries = allocate(8 * capacity);
  if (old !== 0) {
    memory.copy(entries, old, 8 * lengthOf(list));
    free(old);
  }
  store<usize>(list, entries, ENTRIES);
  store<i32>(list, bytesOf(entries) >> 3, CAPACITY);
}

export function sessionOf(list: usize, index: i32): usize {
  return load<usize>(entryAt(list, index));
}

export function entryValueOf(list: usize, index: i32): i32 {
  return load<i32>(entryAt(list, index), 4);
}

function entryAt(list: usize, index: i32): usize {
  if (!ASC_NO_ASSERT) assert(<u32>index < load<u32>(list, CAPACITY));
  return load<usize>(list, ENTRIES) + ((<usize>index) << 3);
}

/** The block of the entries, 0 when there is none. */
export function entriesOf(list: usize): usize {
  return load<usize>(list, ENTRIES);
}

/** Empties the list, and gives its memory back when that is much. */
export function clearList(list: usize): void {
  setLength(list, 0);
  if (load<i32>(list, CAPACITY) <= KEPT_CAPACITY) return;
  free(load<usize>(list, ENTRIES));
  store<usize>(list, 0, ENTRIES);
  store<i32>(list, 0, CAPACITY);
}

/** Sorts by the values, which are from 0 to `VALUES_MAX - 1`; stable. */
export function sortByValue(list: usize): void {
  if (isSorted(list)) return;
  const length = lengthOf(list);
  countPlaces(list, length);
  const old = load<usize>(list, ENTRIES);
  const sorted = allocate(bytesOf(old));
  for (let index = 0; index < length; index++) {
    const place = PLACES + ((<usize>entryValueOf(list, index)) << 2);
    const at = load<i32>(place);
    store<i32>(place, at + 1);
    store<u64>(
      sorted + ((<usize>at) << 3),
      load<u64>(old + ((<usize>index) << 3)),
    );
  }
  free(old);
  store<usize>(list, sorted, ENTRIES);
}

/** By value: where the first entry with it goes. */
function countPlaces(list: usize, length: i32): void {
  memory.fill(PLACES, 0, 4 * VALUES_MAX);
  for (let index = 0; index < length; index++) {
    const place = PLACES + ((<usize>entryValueOf(list, index)) << 2);
    store<i32>(place, load<i32>(place) + 1);
  }
  let sum = 0;
  for (let value: usize = 0; value < <usize>VALUES_MAX; value++) {
    const count = load<i32>(PLACES + (value << 2));
    store<i32>(PLACES + (value << 2), sum);
    sum += count;
  }
}

function isSorted(list: usize): bool {
  for (let index = 1; index < lengthOf(list); index++) {
    if (entryValueOf(list, index - 1) > entryValueOf(list, index)) return false;
  }
  return true;
}
