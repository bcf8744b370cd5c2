import { intAt, setIntAt } from "../bytes/int_list.ts";
import { walkLeaf, walkLiteral } from "./json_leaf.ts";
import { BROKEN, walkPlainString } from "./json_string.ts";
import { LEAF_ENDS, LEAF_STARTS } from "./leaves.ts";
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
    let leafEnd =
      load<u8>(leafAt) === 0x22
        ? walkPlainString(leafAt + 1, end)
        : walkLiteral(leafAt, end);
    if (leafEnd < 0) leafEnd = walkLeaf(leafAt, end);
    if (leafEnd === BROKEN) return fail(index, partStart);
    setIntAt(LEAF_STARTS, index, leafAt);
    setIntAt(LEAF_ENDS, index, leafEnd);
    at = leafEnd < 0 ? ~leafEnd : leafEnd;
  }
  return false;
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
