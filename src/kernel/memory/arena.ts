import { FAIL_FREED_TWICE, SLAB_BYTES, SLAB_SHIFT } from "../codes.ts";
import { fail } from "./failure.ts";
import {
  ALONE,
  BLOCK_BYTES,
  CAPACITY,
  descriptionOf,
  FIRST_FREE,
  FRESH_BLOCKS,
  giveSlabs,
  indexOf,
  LAST_OPEN,
  NEXT_OPEN,
  SIZE_CLASS,
  slabOf,
  startOf,
  takeSlabs,
  USED_BLOCKS,
} from "./slabs.ts";

/*
 * Blocks of memory, in slabs that each hold blocks of one size class:
 *
 *     blocks   | used | free | used | free | used | never used so far ...
 *                       |             ^                ^
 *     FIRST_FREE -------|---> 0    <--'                '-- FRESH_BLOCKS
 *
 * An empty slab serves any class next.
 */

/** Blocks lie at multiples of this. */
export const UNIT_SHIFT: i32 = 5;
const UNIT_BYTES: i32 = 1 << UNIT_SHIFT;

/** Blocks of more units get slabs for themselves. */
const SHARED_UNITS_MAX: i32 = 2048;

/** Four steps to each doubling, from one unit to the most. */
export const CLASSES: i32 = 40;

/** Fills freed blocks in the debug build, behind the link of the free list. */
export const FREED_BYTE: u8 = 0xdd;

/** By class: description of the first slab that has a free block, or 0. */
const OPEN: usize = memory.data(4 * (CLASSES + 1), 16);

/** Address of a new block of at least so many bytes, not cleared. */
export function allocate(byteLength: i32): usize {
  if (!ASC_NO_ASSERT) assert(byteLength >= 0);
  const units = (byteLength + UNIT_BYTES - 1) >> UNIT_SHIFT;
  if (units > SHARED_UNITS_MAX) return allocateAlone(byteLength);
  const sizeClass = classOf(units);
  let slab = load<usize>(openOf(sizeClass));
  if (slab === 0) slab = openSlab(sizeClass);
  const address = takeBlock(slab);
  const isFull = load<i32>(slab, USED_BLOCKS) === load<i32>(slab, CAPACITY);
  if (isFull) close(slab);
  return address;
}

function allocateAlone(byteLength: i32): usize {
  const count = <i32>((<u32>byteLength + SLAB_BYTES - 1) >>> SLAB_SHIFT);
  const first = takeSlabs(count, ALONE);
  const slab = descriptionOf(first);
  store<i32>(slab, count * SLAB_BYTES, BLOCK_BYTES);
  store<i32>(slab, count, CAPACITY);
  return startOf(first);
}

/** Takes a block back; its address is dead. */
export function free(address: usize): void {
  const slab = slabOf(address);
  const sizeClass = load<i32>(slab, SIZE_CLASS);
  if (sizeClass === ALONE) {
    const slabs = load<i32>(slab, CAPACITY);
    if (!ASC_NO_ASSERT) assert(address === startOf(indexOf(slab)));
    if (!ASC_NO_ASSERT) memory.fill(address, FREED_BYTE, bytesOf(address));
    giveSlabs(indexOf(slab), slabs);
    return;
  }
  const used = load<i32>(slab, USED_BLOCKS);
  if (sizeClass <= 0 || used === 0) fail(FAIL_FREED_TWICE);
  if (used === load<i32>(slab, CAPACITY)) open(slab);
  if (!ASC_NO_ASSERT)
    assert((address - startOf(indexOf(slab))) % bytesOf(address) === 0);
  if (!ASC_NO_ASSERT) memory.fill(address, FREED_BYTE, bytesOf(address));
  store<usize>(address, load<usize>(slab, FIRST_FREE));
  store<usize>(slab, address, FIRST_FREE);
  store<i32>(slab, used - 1, USED_BLOCKS);
  if (used > 1) return;
  close(slab);
  giveSlabs(indexOf(slab), 1);
}

/** Bytes of a block, which may be some more than were asked for. */
export function bytesOf(address: usize): i32 {
  return load<i32>(slabOf(address), BLOCK_BYTES);
}

function takeBlock(slab: usize): usize {
  store<i32>(slab, load<i32>(slab, USED_BLOCKS) + 1, USED_BLOCKS);
  const free = load<usize>(slab, FIRST_FREE);
  if (free !== 0) {
    store<usize>(slab, load<usize>(free), FIRST_FREE);
    return free;
  }
  const fresh = load<i32>(slab, FRESH_BLOCKS);
  store<i32>(slab, fresh + 1, FRESH_BLOCKS);
  return startOf(indexOf(slab)) + <usize>(fresh * load<i32>(slab, BLOCK_BYTES));
}

/** Cuts a slab into blocks of a class. */
function openSlab(sizeClass: i32): usize {
  const slab = descriptionOf(takeSlabs(1, sizeClass));
  const blockBytes = unitsOf(sizeClass) << UNIT_SHIFT;
  store<i32>(slab, blockBytes, BLOCK_BYTES);
  store<i32>(slab, 0, USED_BLOCKS);
  store<i32>(slab, SLAB_BYTES / blockBytes, CAPACITY);
  store<i32>(slab, 0, FRESH_BLOCKS);
  store<usize>(slab, 0, FIRST_FREE);
  open(slab);
  return slab;
}

/** Puts a slab into the list of those of its class that have a free block. */
function open(slab: usize): void {
  const list = openOf(load<i32>(slab, SIZE_CLASS));
  const next = load<usize>(list);
  store<usize>(slab, next, NEXT_OPEN);
  store<usize>(slab, 0, LAST_OPEN);
  if (next !== 0) store<usize>(next, slab, LAST_OPEN);
  store<usize>(list, slab);
}

/** Takes a slab out of that list. */
function close(slab: usize): void {
  const next = load<usize>(slab, NEXT_OPEN);
  const last = load<usize>(slab, LAST_OPEN);
  if (next !== 0) store<usize>(next, last, LAST_OPEN);
  if (last !== 0) store<usize>(last, next, NEXT_OPEN);
  else store<usize>(openOf(load<i32>(slab, SIZE_CLASS)), next);
}

/** Where the list of those slabs of a class begins. */
export function openOf(sizeClass: i32): usize {
  return OPEN + ((<usize>sizeClass) << 2);
}

/** The smallest class, from 1 on, whose blocks have so many units. */
function classOf(units: i32): i32 {
  if (units <= 4) return max(units, 1);
  const log = 31 - clz(units - 1);
  const quarter = 1 << (log - 2);
  const step = (units - (1 << log) + quarter - 1) >> (log - 2);
  return ((log - 1) << 2) + step;
}

/** Units of the blocks of a class. */
export function unitsOf(sizeClass: i32): i32 {
  if (sizeClass <= 4) return sizeClass;
  const log = ((sizeClass - 1) >> 2) + 1;
  const step = ((sizeClass - 1) & 3) + 1;
  return (1 << log) + (step << (log - 2));
}
