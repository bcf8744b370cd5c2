import { allocate, bytesOf, free } from "./arena.ts";

/*
 * A growing list of items of one size:
 *
 *     list: | items | length | capacity |      items: | item | item | ... |
 */
const ITEMS: usize = 0;
const LENGTH: usize = 4;
const CAPACITY: usize = 8;
/** Bytes of a list. */
export const GROWING_LIST_BYTES: i32 = 12;

const FIRST_CAPACITY: i32 = 16;

export function lengthOf(list: usize): i32 {
  return load<i32>(list, LENGTH);
}

export function setLength(list: usize, length: i32): void {
  store<i32>(list, length, LENGTH);
}

export function capacityOf(list: usize): i32 {
  return load<i32>(list, CAPACITY);
}

/** The block of the items, 0 when there is none. */
export function itemsOf(list: usize): usize {
  return load<usize>(list, ITEMS);
}

/** Adds an item, which is not cleared, and returns where it is. */
export function addItem(list: usize, itemBytes: i32): usize {
  const length = lengthOf(list);
  if (length === capacityOf(list)) grow(list, length + 1, itemBytes);
  setLength(list, length + 1);
  return itemsOf(list) + <usize>(length * itemBytes);
}

/** Makes a list that is shorter so long, with items that are zero. */
export function lengthenTo(list: usize, length: i32, itemBytes: i32): void {
  const held = lengthOf(list);
  if (length <= held) return;
  if (length > capacityOf(list)) grow(list, length, itemBytes);
  const added = itemsOf(list) + <usize>(held * itemBytes);
  memory.fill(added, 0, (length - held) * itemBytes);
  setLength(list, length);
}

function grow(list: usize, needed: i32, itemBytes: i32): void {
  const capacity = max(needed, max(FIRST_CAPACITY, 2 * capacityOf(list)));
  const old = itemsOf(list);
  const items = allocate(itemBytes * capacity);
  if (old !== 0) {
    memory.copy(items, old, itemBytes * lengthOf(list));
    free(old);
  }
  setItems(list, items, bytesOf(items) / itemBytes);
}

/** Puts another block in the place of that of the items. */
export function setItems(list: usize, items: usize, capacity: i32): void {
  store<usize>(list, items, ITEMS);
  store<i32>(list, capacity, CAPACITY);
}

/** Empties the list, and gives its memory back when that is much. */
export function clearItems(list: usize, keptCapacity: i32): void {
  setLength(list, 0);
  if (capacityOf(list) <= keptCapacity) return;
  free(itemsOf(list));
  setItems(list, 0, 0);
}
