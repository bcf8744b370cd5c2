import { BROKEN } from "./json_odd_string.ts";
import { skipSpace, walkLeaf } from "./json_walk.ts";
import {
  EVENT_TIME,
  LEAVES_MAX,
  PAGE,
  type RecordLeaves,
  USER_ID,
  VISIT_ID,
} from "./record_leaves.ts";

/** One bit a level fits an integer; deeper records go the slow path. */
const DEPTH_MAX = 30;

/** A key that is none of the fields of a visit. */
const NO_FIELD = -1;

/**
 * Checks that a record is one JSON object (RFC 8259, UTF-8) and notes its
 * leaves. Allocates nothing and builds no value. False decides nothing: the
 * record is broken, or stranger than this scanner goes into.
 */
export class ByteScanner {
  #view: DataView = new DataView(new ArrayBuffer(0));
  #end = 0;
  readonly #leaves: RecordLeaves;
  readonly #fields = new Int32Array(4);
  #depth = 0;
  /** The lowest bit tells that the innermost container is an array. */
  #arrays = 0;
  #hasEntered = false;

  constructor(leaves: RecordLeaves) {
    this.#leaves = leaves;
  }

  /** Scans `[start, end)` of the view; true when the leaves are valid. */
  scan(view: DataView, start: number, end: number): boolean {
    this.#view = view;
    this.#end = end;
    this.#leaves.count = 0;
    this.#leaves.fields = this.#fields.fill(-1);
    this.#depth = 0;
    this.#arrays = 0;
    let at = skipSpace(view, start, end);
    if (at >= end || view.getUint8(at) !== 0x7b) return false;
    at = this.#enter(at, 0);
    while (at >= 0) {
      if (this.#depth === 0) return skipSpace(view, at, end) === end;
      at =
        (this.#arrays & 1) === 1 ? this.#value(at, NO_FIELD) : this.#member(at);
      if (at < 0) return false;
      if (!this.#hasEntered) at = this.#behindValue(at);
    }
    return false;
  }

  /** From the opening bracket to the first key or value, or behind `}`. */
  #enter(at: number, isArray: number): number {
    const inside = skipSpace(this.#view, at + 1, this.#end);
    if (inside >= this.#end) return BROKEN;
    // `{` and `[` are two below the bracket that closes them.
    this.#hasEntered =
      this.#view.getUint8(inside) !== this.#view.getUint8(at) + 2;
    if (!this.#hasEntered) return inside + 1;
    if (++this.#depth > DEPTH_MAX) return BROKEN;
    this.#arrays = (this.#arrays << 1) | isArray;
    return inside;
  }

  /** From a key to behind its value, or to the inside of it. */
  #member(at: number): number {
    const view = this.#view;
    if (at >= this.#end || view.getUint8(at) !== 0x22) return BROKEN;
    let keyEnd = walkLeaf(view, at, this.#end);
    if (keyEnd === BROKEN) return BROKEN;
    let field = NO_FIELD;
    if (keyEnd < 0) {
      keyEnd = ~keyEnd;
      if (this.#depth === 1 && hasBackslash(view, at, keyEnd)) return BROKEN;
    } else if (this.#depth === 1) {
      field = fieldOf(view, at + 1, keyEnd - 1);
    }
    const colon = skipSpace(view, keyEnd, this.#end);
    if (colon >= this.#end || view.getUint8(colon) !== 0x3a) return BROKEN;
    return this.#value(skipSpace(view, colon + 1, this.#end), field);
  }

  /** From a value to behind it, or to the inside of a container. */
  #value(at: number, field: number): number {
    if (at >= this.#end) return BROKEN;
    const first = this.#view.getUint8(at);
    if (first === 0x7b || first === 0x5b) {
      return field === NO_FIELD
        ? this.#enter(at, first === 0x5b ? 1 : 0)
        : BROKEN;
    }
    this.#hasEntered = false;
    const leaves = this.#leaves;
    const index = leaves.count;
    const leafEnd = walkLeaf(this.#view, at, this.#end);
    if (index === LEAVES_MAX || leafEnd === BROKEN) return BROKEN;
    leaves.start[index] = at;
    leaves.end[index] = leafEnd;
    leaves.count = index + 1;
    if (field !== NO_FIELD) leaves.fields[field] = index;
    return leafEnd < 0 ? ~leafEnd : leafEnd;
  }

  /** From behind a value to the next key or value, or behind the last `}`. */
  #behindValue(from: number): number {
    let at = skipSpace(this.#view, from, this.#end);
    while (at < this.#end) {
      const byte = this.#view.getUint8(at);
      if (byte === 0x2c) return skipSpace(this.#view, at + 1, this.#end);
      if (byte !== ((this.#arrays & 1) === 1 ? 0x5d : 0x7d)) return BROKEN;
      this.#arrays >>>= 1;
      at++;
      if (--this.#depth === 0) return at;
      at = skipSpace(this.#view, at, this.#end);
    }
    return BROKEN;
  }
}

function fieldOf(view: DataView, start: number, end: number): number {
  switch (end - start) {
    case 4:
      return isWord(view, start, 0x65676170) ? PAGE : NO_FIELD;
    case 7:
      return isWord(view, start, 0x72657375) &&
        isWord(view, start + 3, 0x64695f72)
        ? USER_ID
        : NO_FIELD;
    case 8:
      return isWord(view, start, 0x69736976) &&
        isWord(view, start + 4, 0x64695f74)
        ? VISIT_ID
        : NO_FIELD;
    case 10:
      return isWord(view, start, 0x6e657665) &&
        isWord(view, start + 4, 0x69745f74) &&
        isWord(view, start + 6, 0x656d6974)
        ? EVENT_TIME
        : NO_FIELD;
    default:
      return NO_FIELD;
  }
}

function isWord(view: DataView, at: number, word: number): boolean {
  return view.getInt32(at, true) === word;
}

function hasBackslash(view: DataView, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (view.getUint8(at) === 0x5c) return true;
  }
  return false;
}
