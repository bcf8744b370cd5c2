import { setIntAt } from "../bytes/int_list.ts";
import {
  EVEN_WORD,
  PAGE_WORD,
  R_ID_WORD,
  T_ID_WORD,
  T_TI_WORD,
  TIME_WORD,
  USER_WORD,
  VISI_WORD,
} from "../generated/fixed_texts.ts";
import { skipSpace, walkLeaf } from "./json_leaf.ts";
import { BROKEN } from "./json_string.ts";
import {
  EVENT_TIME,
  LEAF_ENDS,
  LEAF_STARTS,
  LEAVES_MAX,
  PAGE,
  USER_ID,
  VISIT_ID,
} from "./leaves.ts";

/** One bit a level fits an integer; deeper records are left undecided. */
const DEPTH_MAX: i32 = 30;

/** A key that is none of the fields of a visit. */
const NO_FIELD: i32 = -1;

/** The leaves that the last scan found. */
export let leafCount: i32 = 0;

/** Indexes of the leaves that are the fields, -1 for a missing one. */
export const FOUND_FIELDS: usize = memory.data(16, 16);

let recordEnd: i32 = 0;
let depth: i32 = 0;
/** The lowest bit tells that the innermost container is an array. */
let arrays: i32 = 0;
let hasEntered: bool = false;

/**
 * Checks that `[start, end)` is one JSON object (RFC 8259, UTF-8) and notes
 * its leaves. False decides nothing: the record is broken, or stranger than
 * this goes into.
 */
export function scanObject(start: i32, end: i32): bool {
  recordEnd = end;
  leafCount = 0;
  memory.fill(FOUND_FIELDS, 0xff, 16);
  depth = 0;
  arrays = 0;
  let at = skipSpace(start, end);
  if (at >= end || load<u8>(at) !== 0x7b) return false;
  at = enter(at, 0);
  while (at >= 0) {
    if (depth === 0) return skipSpace(at, end) === end;
    at = (arrays & 1) === 1 ? walkValue(at, NO_FIELD) : walkMember(at);
    if (at < 0) return false;
    if (!hasEntered) at = walkBehindValue(at);
  }
  return false;
}

/** From the opening bracket to the first key or value, or behind `}`. */
function enter(at: i32, isArray: i32): i32 {
  const inside = skipSpace(at + 1, recordEnd);
  if (inside >= recordEnd) return BROKEN;
  // `{` and `[` are two below the bracket that closes them.
  hasEntered = load<u8>(inside) !== load<u8>(at) + 2;
  if (!hasEntered) return inside + 1;
  if (++depth > DEPTH_MAX) return BROKEN;
  arrays = (arrays << 1) | isArray;
  return inside;
}

/** From a key to behind its value, or to the inside of it. */
function walkMember(at: i32): i32 {
  if (at >= recordEnd || load<u8>(at) !== 0x22) return BROKEN;
  let keyEnd = walkLeaf(at, recordEnd);
  if (keyEnd === BROKEN) return BROKEN;
  let field = NO_FIELD;
  if (keyEnd < 0) {
    keyEnd = ~keyEnd;
    if (depth === 1 && hasBackslash(at, keyEnd)) return BROKEN;
  } else if (depth === 1) {
    field = fieldOf(at + 1, keyEnd - 1);
  }
  const colon = skipSpace(keyEnd, recordEnd);
  if (colon >= recordEnd || load<u8>(colon) !== 0x3a) return BROKEN;
  return walkValue(skipSpace(colon + 1, recordEnd), field);
}

/** From a value to behind it, or to the inside of a container. */
function walkValue(at: i32, field: i32): i32 {
  if (at >= recordEnd) return BROKEN;
  const first = load<u8>(at);
  if (first === 0x7b || first === 0x5b) {
    return field === NO_FIELD ? enter(at, first === 0x5b ? 1 : 0) : BROKEN;
  }
  hasEntered = false;
  const index = leafCount;
  const leafEnd = walkLeaf(at, recordEnd);
  if (index === LEAVES_MAX || leafEnd === BROKEN) return BROKEN;
  setIntAt(LEAF_STARTS, index, at);
  setIntAt(LEAF_ENDS, index, leafEnd);
  leafCount = index + 1;
  if (field !== NO_FIELD) setIntAt(FOUND_FIELDS, field, index);
  return leafEnd < 0 ? ~leafEnd : leafEnd;
}

/** From behind a value to the next key or value, or behind the last `}`. */
function walkBehindValue(from: i32): i32 {
  let at = skipSpace(from, recordEnd);
  while (at < recordEnd) {
    const byte = load<u8>(at);
    if (byte === 0x2c) return skipSpace(at + 1, recordEnd);
    if (byte !== ((arrays & 1) === 1 ? 0x5d : 0x7d)) return BROKEN;
    arrays = arrays >>> 1;
    at++;
    if (--depth === 0) return at;
    at = skipSpace(at, recordEnd);
  }
  return BROKEN;
}

/** The field with the name at `[start, end)`, by words of it. */
function fieldOf(start: i32, end: i32): i32 {
  switch (end - start) {
    case 4:
      return load<u32>(start) === PAGE_WORD ? PAGE : NO_FIELD;
    case 7:
      return load<u32>(start) === USER_WORD &&
        load<u32>(start + 3) === R_ID_WORD
        ? USER_ID
        : NO_FIELD;
    case 8:
      return load<u32>(start) === VISI_WORD &&
        load<u32>(start + 4) === T_ID_WORD
        ? VISIT_ID
        : NO_FIELD;
    case 10:
      return load<u32>(start) === EVEN_WORD &&
        load<u32>(start + 4) === T_TI_WORD &&
        load<u32>(start + 6) === TIME_WORD
        ? EVENT_TIME
        : NO_FIELD;
    default:
      return NO_FIELD;
  }
}

function hasBackslash(start: i32, end: i32): bool {
  for (let at = start; at < end; at++) {
    if (load<u8>(at) === 0x5c) return true;
  }
  return false;
}
