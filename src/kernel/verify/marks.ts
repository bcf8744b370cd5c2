import { SLAB_BYTES } from "../codes.ts";
import { UNIT_SHIFT } from "../memory/arena.ts";
import { slabsEnd } from "../memory/slabs.ts";

/*
 * A bit for each place where a block can begin, of three kinds. They stand
 * outside the store, so that to look at it does not change it.
 */

/** Larger stores are not walked. */
const SLABS_MAX: i32 = 256;
const SLAB_MAP_BYTES: i32 = SLAB_BYTES >> (UNIT_SHIFT + 3);
const MAP_BYTES: i32 = SLABS_MAX * SLAB_MAP_BYTES;

/** Free, or held by something. */
export const SEEN: usize = memory.data(MAP_BYTES, 16);
/** A session, with visits or empty. */
export const SESSION: usize = memory.data(MAP_BYTES, 16);
/** A session that will come up: it has a valid entry among the deadlines. */
export const QUEUED: usize = memory.data(MAP_BYTES, 16);

/** Removes all marks; false when the store has no room in the maps. */
export function clearMarks(): bool {
  if (slabsEnd() > SLABS_MAX) return false;
  const byteLength = slabsEnd() * SLAB_MAP_BYTES;
  memory.fill(SEEN, 0, byteLength);
  memory.fill(SESSION, 0, byteLength);
  memory.fill(QUEUED, 0, byteLength);
  return true;
}

/** Marks a block; false when it was marked before. */
export function mark(map: usize, block: usize): bool {
  if (isMarked(map, block)) return false;
  const at = placeOf(map, block);
  store<u8>(at, load<u8>(at) | bitOf(block));
  return true;
}

/** Whether a block is marked; what lies outside the slabs never is. */
export function isMarked(map: usize, block: usize): bool {
  if (block >= <usize>(slabsEnd() * SLAB_BYTES)) return false;
  return (load<u8>(placeOf(map, block)) & bitOf(block)) !== 0;
}

function placeOf(map: usize, block: usize): usize {
  return map + (block >>> (UNIT_SHIFT + 3));
}

function bitOf(block: usize): u8 {
  const place = (<i32>block >>> UNIT_SHIFT) & 7;
  return <u8>((<i32>1) << place);
}
