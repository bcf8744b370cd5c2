import { SLAB_BYTES } from "../codes.ts";
import {
  CLASSES,
  FREED_BYTE,
  openOf,
  UNIT_SHIFT,
  unitsOf,
} from "../memory/arena.ts";
import {
  ALONE,
  BLOCK_BYTES,
  BODY,
  CAPACITY,
  CLEAN,
  descriptionOf,
  FIRST_FREE,
  FREE,
  FRESH_BLOCKS,
  firstSlab,
  LAST_OPEN,
  NEXT_OPEN,
  SIZE_CLASS,
  slabOf,
  slabsEnd,
  slabsSpare,
  slabsUsed,
  startOf,
  USED_BLOCKS,
} from "../memory/slabs.ts";
import {
  FAULT_FREE_LIST,
  FAULT_FREED_WRITTEN,
  FAULT_HELD_TWICE,
  FAULT_NO_BLOCK,
  FAULT_NONE,
  FAULT_NOT_HELD,
  FAULT_OPEN_SLABS,
  FAULT_SLAB,
  FAULT_SLAB_COUNTS,
} from "./faults.ts";
import { mark, SEEN } from "./marks.ts";

/*
 * Whether each block is either free, and then once in the list of its slab, or
 * held by exactly one thing.
 */

const FREED_WORD: u32 = 0x01010101 * <u32>FREED_BYTE;

/** Blocks in use, as the slabs count them; those of them that are held. */
let usedBlocks: i32 = 0;
let heldBlocks: i32 = 0;
/** Slabs that have a free block. */
let openSlabs: i32 = 0;

/** Walks the slabs, and marks the free blocks. */
export function verifySlabs(): i32 {
  usedBlocks = 0;
  heldBlocks = 0;
  openSlabs = 0;
  let used = 0;
  let spare = 0;
  let slab = firstSlab();
  while (slab < slabsEnd()) {
    const sizeClass = load<i32>(descriptionOf(slab), SIZE_CLASS);
    if (sizeClass === FREE) spare++;
    if (sizeClass === FREE || sizeClass === CLEAN) {
      slab++;
      continue;
    }
    const fault = sizeClass === ALONE ? verifyAlone(slab) : verifyShared(slab);
    if (fault !== FAULT_NONE) return fault;
    const taken = sizeClass === ALONE ? capacityOf(slab) : 1;
    used += taken;
    slab += taken;
  }
  if (used !== slabsUsed() || spare !== slabsSpare()) return FAULT_SLAB_COUNTS;
  return verifyOpenLists();
}

function capacityOf(slab: i32): i32 {
  return load<i32>(descriptionOf(slab), CAPACITY);
}

/** A block with slabs for itself. */
function verifyAlone(first: i32): i32 {
  const count = capacityOf(first);
  const blockBytes = load<i32>(descriptionOf(first), BLOCK_BYTES);
  if (count < 1 || first + count > slabsEnd()) return FAULT_SLAB;
  if (blockBytes !== count * SLAB_BYTES) return FAULT_SLAB;
  for (let slab = first + 1; slab < first + count; slab++) {
    if (load<i32>(descriptionOf(slab), SIZE_CLASS) !== BODY) return FAULT_SLAB;
  }
  usedBlocks++;
  return FAULT_NONE;
}

/** A slab with blocks of one class. */
function verifyShared(slab: i32): i32 {
  const at = descriptionOf(slab);
  const sizeClass = load<i32>(at, SIZE_CLASS);
  if (sizeClass < 1 || sizeClass > CLASSES) return FAULT_SLAB;
  const blockBytes = unitsOf(sizeClass) << UNIT_SHIFT;
  const capacity = load<i32>(at, CAPACITY);
  const fresh = load<i32>(at, FRESH_BLOCKS);
  const used = load<i32>(at, USED_BLOCKS);
  if (load<i32>(at, BLOCK_BYTES) !== blockBytes) return FAULT_SLAB;
  if (capacity !== SLAB_BYTES / blockBytes) return FAULT_SLAB;
  if (used < 1 || used > fresh || fresh > capacity) return FAULT_SLAB;
  usedBlocks += used;
  if (used < capacity) openSlabs++;
  return verifyFreeList(at, fresh - used);
}

function verifyFreeList(slab: usize, length: i32): i32 {
  let block = load<usize>(slab, FIRST_FREE);
  for (let i = 0; i < length; i++) {
    if (slabOf(block) !== slab || !isBlock(block)) return FAULT_FREE_LIST;
    if (!mark(SEEN, block)) return FAULT_FREE_LIST;
    const end = block + load<i32>(slab, BLOCK_BYTES);
    for (let at = block + 4; at < end; at += 4) {
      if (load<u32>(at) !== FREED_WORD) return FAULT_FREED_WRITTEN;
    }
    block = load<usize>(block);
  }
  return block === 0 ? FAULT_NONE : FAULT_FREE_LIST;
}

/** The lists of the slabs that have a free block, each once. */
function verifyOpenLists(): i32 {
  let listed = 0;
  for (let sizeClass = 1; sizeClass <= CLASSES; sizeClass++) {
    let last: usize = 0;
    let slab = load<usize>(openOf(sizeClass));
    while (slab !== 0) {
      if (load<i32>(slab, SIZE_CLASS) !== sizeClass) return FAULT_OPEN_SLABS;
      if (load<usize>(slab, LAST_OPEN) !== last) return FAULT_OPEN_SLABS;
      const isFull = load<i32>(slab, USED_BLOCKS) === load<i32>(slab, CAPACITY);
      if (isFull || ++listed > openSlabs) return FAULT_OPEN_SLABS;
      last = slab;
      slab = load<usize>(slab, NEXT_OPEN);
    }
  }
  return listed === openSlabs ? FAULT_NONE : FAULT_OPEN_SLABS;
}

/** Whether a block that was in use at some time begins at an address. */
function isBlock(address: usize): bool {
  const slab = <i32>(address / SLAB_BYTES);
  if (slab < firstSlab() || slab >= slabsEnd()) return false;
  const at = descriptionOf(slab);
  const offset = <i32>(address - startOf(slab));
  const sizeClass = load<i32>(at, SIZE_CLASS);
  if (sizeClass === ALONE) return offset === 0;
  if (sizeClass < 1) return false;
  const blockBytes = load<i32>(at, BLOCK_BYTES);
  if (offset % blockBytes !== 0) return false;
  return offset / blockBytes < load<i32>(at, FRESH_BLOCKS);
}

/** Takes note that something holds the block at an address. */
export function hold(address: usize): i32 {
  if (!isBlock(address)) return FAULT_NO_BLOCK;
  if (!mark(SEEN, address)) return FAULT_HELD_TWICE;
  heldBlocks++;
  return FAULT_NONE;
}

/** The same where there may be none. */
export function holdIfAny(address: usize): i32 {
  return address === 0 ? FAULT_NONE : hold(address);
}

/** When all that holds blocks was asked: whether all in use are held. */
export function verifyAllHeld(): i32 {
  return heldBlocks === usedBlocks ? FAULT_NONE : FAULT_NOT_HELD;
}
