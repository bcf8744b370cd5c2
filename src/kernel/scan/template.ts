import { intAt, setIntAt } from "../bytes/int_list.ts";
import { walkLeaf, walkLiteral } from "./json_leaf.ts";
import { BROKEN, walkPlainString } from "./json_string.ts";
import { LEAF_ENDS, LEAF_STARTS, LEAVES_BYTES } from "./leaves.ts";
import { FOUND_FIELDS, leafCount } from "./object_scanner.ts";

/*
 * A template holds the bytes between the leaves of one record that was found
 * valid. Any record with the same bytes around other leaves is valid too, and
 * has its fields in the same places.
 *
 *     | leaf count | hits | fields | lengths of the parts | where each part
 *     | begins among the blocks | blocks: the parts, each filled up with zeros |
 *
 * There is one part more than leaves.
 */
const LEAF_COUNT: usize = 0;
const HITS: usize = 4;
const FIELDS: usize = 16;
const LENGTHS: usize = 32;
const BLOCK_STARTS: usize = 32 + 4 * 257;
const BLOCKS: usize = 32 + 8 * 257 + 8;

/** Bytes of parts that a template takes; records with more are not learned. */
const BLOCKS_BYTES: i32 = 14272;

/** Bytes of a template. */
export const TEMPLATE_BYTES: usize = 16384;

/** By number of bytes: a block whose first so many bytes are all ones. */
const FIRST_BYTES: usize = memory.data(256, 16);

/** The part at which the last match failed, and where that began. */
export let failedPart: i32 = 0;
export let failedAt: i32 = 0;

/** Makes the masks; to be called once before any other function. */
export function prepareTemplates(): void {
  for (let count: usize = 0; count < 16; count++) {
    memory.fill(FIRST_BYTES + count * 16, 0xff, count);
  }
}

/**
 * True when the record that ends at `end` has this layout from `part` on,
 * which begins at `from`. Fills the leaves from there on.
 */
export function matchTemplate(
  template: usize,
  from: i32,
  end: i32,
  part: i32,
): bool {
  const lastPart = load<i32>(template, LEAF_COUNT);
  let block = template + BLOCKS + intAt(template + BLOCK_STARTS, part);
  let at = from;
  for (let index = part; index <= lastPart; index++) {
    const partStart = at;
    const leafAt = at + intAt(template + LENGTHS, index);
    if (leafAt > end) return fail(index, partStart);
    for (; at + 16 <= leafAt; at += 16) {
      const differing = v128.xor(v128.load(at), v128.load(block));
      if (v128.any_true(differing)) return fail(index, partStart);
      block += 16;
    }
    if (at < leafAt) {
      const differing = v128.and(
        v128.xor(v128.load(at), v128.load(block)),
        v128.load(FIRST_BYTES + ((leafAt - at) << 4)),
      );
      if (v128.any_true(differing)) return fail(index, partStart);
      block += 16;
    }
    if (leafAt === end || index === lastPart) {
      const isWhole = leafAt === end && index === lastPart;
      return isWhole || fail(index, partStart);
    }
    const leafEnd = walkKnownLeaf(leafAt, end);
    if (leafEnd === BROKEN) return fail(index, partStart);
    at = keepLeaf(0, index, leafAt, leafEnd);
  }
  return false;
}

/**
 * True when all four records of two lists, of where each begins and ends, have
 * this layout. Fills the leaves of all. Where a part begins is known only when
 * the leaf in front of it has been walked: with one record a processor waits for
 * that most of the time, with four it has something to do meanwhile.
 */
export function matchFour(template: usize, starts: usize, ends: usize): bool {
  const lastPart = load<i32>(template, LEAF_COUNT);
  // Written out four times: so all of it stays in the processor's registers.
  const endA = intAt(ends, 0);
  const endB = intAt(ends, 1);
  const endC = intAt(ends, 2);
  const endD = intAt(ends, 3);
  let a = intAt(starts, 0);
  let b = intAt(starts, 1);
  let c = intAt(starts, 2);
  let d = intAt(starts, 3);
  let block = template + BLOCKS;
  let differing = v128.splat<i8>(0);
  for (let index = 0; index <= lastPart; index++) {
    const length = intAt(template + LENGTHS, index);
    const leafA = a + length;
    const leafB = b + length;
    const leafC = c + length;
    const leafD = d + length;
    // Beyond the end of a record other bytes are compared: no leaf is there.
    for (; a + 16 <= leafA; a += 16, b += 16, c += 16, d += 16) {
      const some = v128.or(difference(block, a, b), difference(block, c, d));
      differing = v128.or(differing, some);
      block += 16;
    }
    if (a < leafA) {
      const some = v128.or(difference(block, a, b), difference(block, c, d));
      const mask = v128.load(FIRST_BYTES + ((leafA - a) << 4));
      differing = v128.or(differing, v128.and(some, mask));
      block += 16;
    }
    if (index === lastPart) {
      const areWhole =
        leafA === endA && leafB === endB && leafC === endC && leafD === endD;
      return areWhole && !v128.any_true(differing);
    }
    const leafEndA = walkKnownLeaf(leafA, endA);
    if (leafEndA === BROKEN) return false;
    a = keepLeaf(0, index, leafA, leafEndA);
    const leafEndB = walkKnownLeaf(leafB, endB);
    if (leafEndB === BROKEN) return false;
    b = keepLeaf(LEAVES_BYTES, index, leafB, leafEndB);
    const leafEndC = walkKnownLeaf(leafC, endC);
    if (leafEndC === BROKEN) return false;
    c = keepLeaf(2 * LEAVES_BYTES, index, leafC, leafEndC);
    const leafEndD = walkKnownLeaf(leafD, endD);
    if (leafEndD === BROKEN) return false;
    d = keepLeaf(3 * LEAVES_BYTES, index, leafD, leafEndD);
  }
  return false;
}

/** The bits in which one of two texts is not as a block. */
function difference(block: usize, a: i32, b: i32): v128 {
  const expected = v128.load(block);
  return v128.or(
    v128.xor(v128.load(a), expected),
    v128.xor(v128.load(b), expected),
  );
}

/** What `walkLeaf` returns, quickly for most leaves; `BROKEN` behind the end. */
function walkKnownLeaf(at: i32, end: i32): i32 {
  const leafEnd =
    load<u8>(at) === 0x22 ? walkPlainString(at + 1, end) : walkLiteral(at, end);
  return leafEnd < 0 ? walkLeaf(at, end) : leafEnd;
}

/**
 * Notes a leaf in the lists that are `which` bytes behind the first ones, and
 * returns the position behind it.
 */
function keepLeaf(which: usize, index: i32, at: i32, end: i32): i32 {
  setIntAt(LEAF_STARTS + which, index, at);
  setIntAt(LEAF_ENDS + which, index, end);
  return end < 0 ? ~end : end;
}

function fail(part: i32, at: i32): bool {
  failedPart = part;
  failedAt = at;
  return false;
}

/** Whether a record of this length, with so many leaves, fits a template. */
export function fitsTemplate(length: i32, leaves: i32): bool {
  return length + 15 * (leaves + 1) <= BLOCKS_BYTES;
}

/** Learns the layout of the record that `scanObject` has just found valid. */
export function learnTemplate(template: usize, start: i32, end: i32): void {
  let blocks: i32 = 0;
  let at = start;
  for (let part = 0; part <= leafCount; part++) {
    const isLast = part === leafCount;
    const partEnd = isLast ? end : intAt(LEAF_STARTS, part);
    const length = partEnd - at;
    const blocksLength = (length + 15) & ~15;
    const to = template + BLOCKS + blocks;
    memory.fill(to, 0, blocksLength);
    memory.copy(to, at, length);
    setIntAt(template + LENGTHS, part, length);
    setIntAt(template + BLOCK_STARTS, part, blocks);
    blocks += blocksLength;
    const leafEnd = isLast ? end : intAt(LEAF_ENDS, part);
    at = leafEnd < 0 ? ~leafEnd : leafEnd;
  }
  store<i32>(template, leafCount, LEAF_COUNT);
  store<i32>(template, 1, HITS);
  memory.copy(template + FIELDS, FOUND_FIELDS, 16);
}

/** How many parts at the beginning are the same in both. */
export function sharedParts(a: usize, b: usize): i32 {
  const parts = min(load<i32>(a, LEAF_COUNT), load<i32>(b, LEAF_COUNT)) + 1;
  let part: i32 = 0;
  for (; part < parts; part++) {
    const length = intAt(a + LENGTHS, part);
    const start = intAt(a + BLOCK_STARTS, part);
    if (length !== intAt(b + LENGTHS, part)) break;
    // As all parts before are the same, this one begins at the same block.
    if (memory.compare(a + BLOCKS + start, b + BLOCKS + start, length) !== 0) {
      break;
    }
  }
  return part;
}

/** The list of the leaves that are the fields. */
export function fieldsOf(template: usize): usize {
  return template + FIELDS;
}

/** Matches of late, to tell which template is the least use. */
export function hitsOf(template: usize): i32 {
  return load<i32>(template, HITS);
}

export function setHits(template: usize, hits: i32): void {
  store<i32>(template, hits, HITS);
}
