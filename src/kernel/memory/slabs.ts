import { FAIL_NO_MEMORY, SLAB_BYTES, SLAB_SHIFT } from "../codes.ts";
import { fail } from "./failure.ts";

/*
 * The kernel's memory behind its constants, in slabs of one size:
 *
 *     | constants, tables | slab | slab | slab | ... | up to 4 GiB
 *
 * A WebAssembly memory only grows. What grows costs nothing until it is
 * written, and what is free again goes back to the system when `WindowKernel`
 * moves the slabs in use to another memory, where they keep their addresses.
 */

/** The last slab is left out: bytes behind a block may be read with it. */
const SLABS_END: i32 = (1 << (32 - SLAB_SHIFT)) - 1;

const WASM_PAGE_SHIFT: u64 = 16;
/** Memory grows by so many pages at least: 16 MiB. */
const GROWTH_PAGES: i32 = 256;

/*
 * A slab that is in use has a size class of one or more, or one of these.
 */
/** Was never written, or was given back. */
export const CLEAN: i32 = 0;
/** Was in use before. */
export const FREE: i32 = -1;
/** Begins a block that has one or more slabs for itself. */
export const ALONE: i32 = -2;
/** Belongs to the block that begins before. */
export const BODY: i32 = -3;

/** Fields of the description of a slab, 32 bytes. */
export const SIZE_CLASS: usize = 0;
/** Bytes of one of its blocks. */
export const BLOCK_BYTES: usize = 4;
export const USED_BLOCKS: usize = 8;
/** Number of its blocks; of slabs, for a block that has them for itself. */
export const CAPACITY: usize = 12;
/** Blocks from this one on were never used. */
export const FRESH_BLOCKS: usize = 16;
/** First of a list of free blocks, through their first words. */
export const FIRST_FREE: usize = 20;
/** Neighbours in the list of the slabs of a class that have a free block. */
export const NEXT_OPEN: usize = 24;
export const LAST_OPEN: usize = 28;
const DESCRIPTION_SHIFT: usize = 5;

const DESCRIPTIONS: usize = memory.data(32 << 14, 32);

/** Slabs ever in use end here; slabs in use; slabs free but not clean. */
const STATE: usize = memory.data(16, 16);
const END: usize = 0;
const USED: usize = 4;
const SPARE: usize = 8;
/** No slab before this one is free. */
const LOWEST: usize = 12;

/** The first slab, behind what the compiler has placed. */
export function firstSlab(): i32 {
  return <i32>((__heap_base + SLAB_BYTES - 1) >>> SLAB_SHIFT);
}

/** Description of a slab. */
export function descriptionOf(slab: i32): usize {
  return DESCRIPTIONS + ((<usize>slab) << DESCRIPTION_SHIFT);
}

/** Description of the slab that a block lies in. */
export function slabOf(address: usize): usize {
  return descriptionOf(<i32>(address >>> SLAB_SHIFT));
}

/** The slab of a description. */
export function indexOf(description: usize): i32 {
  return <i32>((description - DESCRIPTIONS) >>> DESCRIPTION_SHIFT);
}

/** Where the first block of a slab lies. */
export function startOf(slab: i32): usize {
  return (<usize>slab) << SLAB_SHIFT;
}

/** Takes so many slabs in a row, for blocks of a class; returns the first. */
export function takeSlabs(count: i32, sizeClass: i32): i32 {
  const first = findSlabs(count);
  for (let slab = first; slab < first + count; slab++) {
    const description = descriptionOf(slab);
    if (load<i32>(description, SIZE_CLASS) === FREE) add(SPARE, -1);
    store<i32>(description, slab === first ? sizeClass : BODY, SIZE_CLASS);
  }
  add(USED, count);
  if (count === 1) store<i32>(STATE, first + 1, LOWEST);
  return first;
}

/** The first of so many free slabs in a row; makes new ones if there are none. */
function findSlabs(count: i32): i32 {
  const end = max(load<i32>(STATE, END), firstSlab());
  let run = 0;
  for (let slab = max(load<i32>(STATE, LOWEST), firstSlab()); slab < end; ) {
    run = isFree(slab++) ? run + 1 : 0;
    if (run === count) return slab - count;
  }
  const first = end - run;
  if (!growTo(first + count)) fail(FAIL_NO_MEMORY);
  store<i32>(STATE, first + count, END);
  return first;
}

/** Whether so many slabs can be taken for sure, together or one by one. */
export function hasSlabs(count: i32): bool {
  return growTo(max(load<i32>(STATE, END), firstSlab()) + count);
}

/** Makes the memory reach to the end of the slabs before one; false if it cannot. */
function growTo(end: i32): bool {
  if (end > SLABS_END) return false;
  const needed = (<u64>(end + 1)) << (<u64>SLAB_SHIFT);
  const held = (<u64>memory.size()) << WASM_PAGE_SHIFT;
  if (needed <= held) return true;
  const missing = <i32>((needed - held) >> WASM_PAGE_SHIFT);
  const wanted = max(missing, GROWTH_PAGES + (memory.size() >>> 3));
  return memory.grow(wanted) >= 0 || memory.grow(missing) >= 0;
}

/** Gives slabs back that were taken together. */
export function giveSlabs(first: i32, count: i32): void {
  for (let slab = first; slab < first + count; slab++) {
    store<i32>(descriptionOf(slab), FREE, SIZE_CLASS);
  }
  add(USED, -count);
  add(SPARE, count);
  if (first < load<i32>(STATE, LOWEST)) store<i32>(STATE, first, LOWEST);
}

function add(field: usize, count: i32): void {
  store<i32>(STATE + field, load<i32>(STATE + field) + count);
}

function isFree(slab: i32): bool {
  const sizeClass = load<i32>(descriptionOf(slab), SIZE_CLASS);
  return sizeClass === FREE || sizeClass === CLEAN;
}

/** First byte behind the kernel's constants and tables. */
export function constantsEnd(): usize {
  return __heap_base;
}

/** Behind the last slab that was ever in use. */
export function slabsEnd(): i32 {
  return load<i32>(STATE, END);
}

/** Slabs in use. */
export function slabsUsed(): i32 {
  return load<i32>(STATE, USED);
}

/** Slabs that are free, but take memory of the system. */
export function slabsSpare(): i32 {
  return load<i32>(STATE, SPARE);
}

/** Whether a slab is in use. */
export function isSlabUsed(slab: i32): bool {
  return !isFree(slab);
}

/** Takes note that free slabs take no memory of the system any more. */
export function noteGivenBack(): void {
  for (let slab = firstSlab(); slab < slabsEnd(); slab++) {
    if (isFree(slab)) store<i32>(descriptionOf(slab), CLEAN, SIZE_CLASS);
  }
  store<i32>(STATE, 0, SPARE);
}
