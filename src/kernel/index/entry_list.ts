import { allocate, bytesOf, free } from "../memory/arena.ts";
import {
  addItem,
  capacityOf,
  clearItems,
  itemsOf,
  lengthOf,
  setItems,
} from "../memory/growing_list.ts";

/*
 * A growing list of sessions, each with an integer beside it:
 *
 *     | session | value | session | value | ...
 */
const ENTRY_BYTES: i32 = 8;

/** Capacity that an empty list may keep. */
const KEPT_CAPACITY: i32 = 128;

/** Values that `sortByValue` can sort. */
const VALUES_MAX: i32 = 1000;
const PLACES: usize = memory.data(4 * VALUES_MAX, 16);

export function pushEntry(list: usize, session: usize, value: i32): void {
  const entry = addItem(list, ENTRY_BYTES);
  store<usize>(entry, session);
  store<i32>(entry, value, 4);
}

export function sessionOf(list: usize, index: i32): usize {
  return load<usize>(entryAt(list, index));
}

export function entryValueOf(list: usize, index: i32): i32 {
  return load<i32>(entryAt(list, index), 4);
}

function entryAt(list: usize, index: i32): usize {
  if (!ASC_NO_ASSERT) assert(<u32>index < <u32>capacityOf(list));
  return itemsOf(list) + ((<usize>index) << 3);
}

/** Empties the list, and gives its memory back when that is much. */
export function clearList(list: usize): void {
  clearItems(list, KEPT_CAPACITY);
}

/** Sorts by the values, which are from 0 to `VALUES_MAX - 1`; stable. */
export function sortByValue(list: usize): void {
  if (isSorted(list)) return;
  const length = lengthOf(list);
  countPlaces(list, length);
  const old = itemsOf(list);
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
  setItems(list, sorted, bytesOf(sorted) >> 3);
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
