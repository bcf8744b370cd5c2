const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const COMMA = 0x2c;
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Bytes that say something about where an item ends. */
const MARKS = new Uint8Array(256);
for (const mark of '"[]{},') MARKS[mark.charCodeAt(0)] = 1;

/**
 * Finds the items of a JSON array by its brackets, commas and strings alone:
 * whether an item is JSON is for others to judge.
 */
export class ArrayItems {
  readonly #countMax: number;
  /** More than the most that is wanted: reading has stopped there. */
  count = 0;
  /** Where each item begins, and behind it; without white space around it. */
  starts = new Int32Array(256);
  ends = new Int32Array(256);

  /** Not more than `countMax` items are wanted. */
  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** Reads a body; false when it is no array, not all of one, or too long. */
  read(body: Buffer): boolean {
    this.count = 0;
    let at = skipSpace(body, 0);
    if (body[at] !== OPENING_BRACKET) return false;
    let itemStart = ++at;
    for (let depth = 0; ; at++) {
      while (MARKS[body[at]!] === 0) at++;
      const mark = body[at];
      if (mark === undefined) return false;
      if (mark === COMMA) {
        if (depth > 0) continue;
        this.#add(body, itemStart, at);
        if (this.count > this.#countMax) return false;
        itemStart = at + 1;
      } else if (mark === QUOTE) {
        at = closingQuote(body, at);
      } else if (mark === OPENING_BRACKET || mark === OPENING_BRACKET + 0x20) {
        depth++;
      } else if (--depth < 0) {
        if (mark !== CLOSING_BRACKET) return false;
        this.#addLast(body, itemStart, at);
        return skipSpace(body, at + 1) === body.length;
      }
    }
  }

  /** Nothing between the brackets is no item. */
  #addLast(body: Buffer, start: number, end: number): void {
    if (this.count > 0 || skipSpace(body, start) < end) {
      this.#add(body, start, end);
    }
  }

  #add(body: Buffer, start: number, end: number): void {
    if (this.count === this.starts.length) this.#grow();
    this.starts[this.count] = Math.min(end, skipSpace(body, start));
    this.ends[this.count] = skipSpaceBack(body, this.starts[this.count]!, end);
    this.count++;
  }

  #grow(): void {
    const { starts, ends } = this;
    this.starts = new Int32Array(2 * this.count);
    this.ends = new Int32Array(2 * this.count);
    this.starts.set(starts);
    this.ends.set(ends);
  }
}

/** The first position from `at` on that is not white space. */
export function skipSpace(body: Buffer, at: number): number {
  let next = at;
  while (SPACES.has(body[next]!)) next++;
  return next;
}

/** Behind the last byte before `end` that is not white space, or `start`. */
export function skipSpaceBack(
  body: Buffer,
  start: number,
  end: number,
): number {
  let last = end;
  while (last > start && SPACES.has(body[last - 1]!)) last--;
  return last;
}

/** Where the string that begins at `at` ends; behind all when it does not. */
function closingQuote(body: Buffer, at: number): number {
  for (let next = at + 1; next < body.length; next++) {
    const byte = body[next]!;
    if (byte === QUOTE) return next;
    if (byte === BACKSLASH) next++;
  }
  return body.length;
}
