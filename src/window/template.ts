import { BROKEN } from "./json_odd_string.ts";
import { walkLeaf, walkLiteral, walkPlainString } from "./json_walk.ts";
import type { RecordLeaves } from "./record_leaves.ts";

/**
 * The bytes between the leaves of one record that was found valid. Any record
 * with the same bytes around other leaves is valid too, and has its fields in
 * the same places.
 */
export class Template {
  /** The part at which the last match failed, and where that began. */
  failedPart = 0;
  failedAt = 0;
  /** Matches of late, to tell which template is the least use. */
  hits = 1;
  readonly #leafCount: number;
  readonly #fields: Int32Array;
  /** The constant parts; there is one more than leaves. */
  readonly #parts: readonly Buffer[];
  readonly #lengths: Int32Array;
  /** Where a part begins in the words. */
  readonly #wordStarts: Int32Array;
  /** The parts in words of eight bytes, the last word overlapping. */
  readonly #words: Float64Array;

  /** Learns the layout of the record whose leaves these are. */
  constructor(record: Buffer, leaves: RecordLeaves, recordStart: number) {
    this.#leafCount = leaves.count;
    this.#fields = leaves.fields.slice();
    this.#parts = partsOf(record, leaves, recordStart);
    this.#lengths = Int32Array.from(this.#parts, (part) => part.length);
    const words = this.#parts.map(wordsOf);
    this.#words = Float64Array.from(words.flat());
    this.#wordStarts = new Int32Array(words.length);
    for (let part = 1; part < words.length; part++) {
      const before = words[part - 1]!.length;
      this.#wordStarts[part] = this.#wordStarts[part - 1]! + before;
    }
  }

  /** How many parts at the beginning are the same as those of the other. */
  sharedParts(other: Template): number {
    let shared = 0;
    for (const part of this.#parts) {
      const otherPart = other.#parts[shared];
      if (otherPart === undefined || !part.equals(otherPart)) break;
      shared++;
    }
    return shared;
  }

  /**
   * True when the record that ends at `recordEnd` has this layout from `part`
   * on, which begins at `from`. Fills the leaves from there on.
   *
   * Three things make it quick. Nothing in its loop is a call that comes back
   * into it: after one, all that the compiler knows of the arrays would have
   * to be read again. It is too long for V8 to inline: inlined, it would use
   * up the allowance for `walkPlainString`. And `| 0` tells that positions are
   * 32-bit integers, which V8 would otherwise check and convert at each step.
   */
  match(
    view: DataView,
    from: number,
    recordEnd: number,
    part: number,
    leaves: RecordLeaves,
  ): boolean {
    const { start: starts, end: ends } = leaves;
    const lengths = this.#lengths;
    const words = this.#words;
    let word = this.#wordStarts[part]! | 0;
    let at = from | 0;
    const end = recordEnd | 0;
    for (let index = part | 0; ; index = (index + 1) | 0) {
      const partStart = at;
      const leafAt = (at + lengths[index]!) | 0;
      if (leafAt > end) return this.#fail(index, partStart);
      const lastWord = (leafAt - 8) | 0;
      if (at <= lastWord) {
        // JSON has no bytes that make a NaN or a zero, so words are equal as
        // numbers exactly when their bytes are.
        for (; at < lastWord; at = (at + 8) | 0) {
          if (view.getFloat64(at, true) !== words[word]) {
            return this.#fail(index, partStart);
          }
          word = (word + 1) | 0;
        }
        if (view.getFloat64(lastWord, true) !== words[word]) {
          return this.#fail(index, partStart);
        }
        word = (word + 1) | 0;
      } else if (!isShortPart(view, at, this.#parts[index]!)) {
        return this.#fail(index, partStart);
      }
      if (leafAt === end || index === this.#leafCount) {
        const isWhole = leafAt === end && index === this.#leafCount;
        return isWhole || this.#fail(index, partStart);
      }
      const leafEnd =
        view.getUint8(leafAt) === 0x22
          ? walkPlainString(view, leafAt + 1, end)
          : walkLiteral(view, leafAt, end);
      if (leafEnd < 0) {
        return this.#matchOn(view, partStart, end, index, leaves);
      }
      starts[index] = leafAt;
      ends[index] = leafEnd;
      at = leafEnd;
    }
  }

  /** Goes on with a match at a part whose leaf takes more to walk. */
  #matchOn(
    view: DataView,
    from: number,
    end: number,
    part: number,
    leaves: RecordLeaves,
  ): boolean {
    const leafAt = from + this.#lengths[part]!;
    const leafEnd = walkLeaf(view, leafAt, end);
    if (leafEnd === BROKEN) return this.#fail(part, from);
    leaves.start[part] = leafAt;
    leaves.end[part] = leafEnd;
    const next = leafEnd < 0 ? ~leafEnd : leafEnd;
    return this.match(view, next, end, part + 1, leaves);
  }

  /** Says in which leaves the fields of a matched record are. */
  giveFields(leaves: RecordLeaves): void {
    leaves.count = this.#leafCount;
    leaves.fields = this.#fields;
  }

  #fail(part: number, at: number): false {
    this.failedPart = part;
    this.failedAt = at;
    return false;
  }
}

function isShortPart(view: DataView, at: number, part: Buffer): boolean {
  for (let index = 0; index < part.length; index++) {
    if (view.getUint8(at + index) !== part[index]) return false;
  }
  return true;
}

function partsOf(
  record: Buffer,
  leaves: RecordLeaves,
  recordStart: number,
): Buffer[] {
  const parts: Buffer[] = [];
  let at = 0;
  for (let index = 0; index < leaves.count; index++) {
    const leafAt = leaves.start[index]! - recordStart;
    const leafEnd = leaves.end[index]!;
    parts.push(Buffer.from(record.subarray(at, leafAt)));
    at = (leafEnd < 0 ? ~leafEnd : leafEnd) - recordStart;
  }
  parts.push(Buffer.from(record.subarray(at)));
  return parts;
}

/** A part in words; none when it is shorter than a word. */
function wordsOf(part: Buffer): number[] {
  const words: number[] = [];
  const lastWord = part.length - 8;
  if (lastWord < 0) return words;
  for (let at = 0; at < lastWord; at += 8) words.push(part.readDoubleLE(at));
  words.push(part.readDoubleLE(lastWord));
  return words;
}
