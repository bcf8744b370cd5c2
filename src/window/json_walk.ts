import { BROKEN, walkOddString } from "./json_odd_string.ts";

const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const TWOS = 0x02020202;
const BACKSLASHES = 0x5c5c5c5c;
const ABOVE_SPACES = 0x21212121;

/** Little-endian words of the literals. */
const NULL = 0x6c6c756e;
const TRUE = 0x65757274;
const FALS = 0x736c6166;

/** What the quick walks return when they leave a leaf to `walkLeaf`. */
export const UNSURE = -1;

/**
 * Walks a string from behind its opening quote, four bytes at a time. Returns
 * the position behind its closing quote; `UNSURE` when it is not all printable
 * ASCII without escapes, or ends too close to `end` for this. With `| 0`,
 * V8 knows that positions are 32-bit integers, and need not check it.
 */
export function walkPlainString(
  view: DataView,
  from: number,
  end: number,
): number {
  const lastWord = (end - 4) | 0;
  for (let at = from | 0; at <= lastWord; at = (at + 4) | 0) {
    const word = view.getInt32(at, true);
    // The high bit of a byte gets set by the first term where it is a quote or
    // control (exchanging space and quote puts them in one range), by the
    // second at a backslash, by the third at DEL, and by one of them at each
    // byte above. A borrow or carry starts only in such a byte, so the lowest
    // one is right whatever stands behind it.
    const stops =
      (((word ^ TWOS) - ABOVE_SPACES) |
        ((word ^ BACKSLASHES) - ONES) |
        (word + ONES)) &
      HIGH_BITS;
    if (stops !== 0) {
      const stop = (at + ((31 - Math.clz32(stops & -stops)) >> 3)) | 0;
      return view.getUint8(stop) === 0x22 ? (stop + 1) | 0 : UNSURE;
    }
  }
  return UNSURE;
}

/** The position behind the literal at `at`, or `UNSURE`. */
export function walkLiteral(view: DataView, at: number, end: number): number {
  if (end - at < 5) return UNSURE;
  const word = view.getInt32(at, true);
  if (word === NULL || word === TRUE) return at + 4;
  return word === FALS && view.getUint8(at + 4) === 0x65 ? at + 5 : UNSURE;
}

/**
 * Walks a string, number or literal. Returns the position behind it; `~` of it
 * for an odd string, whose bytes are not its canonical form (escapes,
 * non-ASCII, DEL); `BROKEN` when it is no such thing. What follows is for the
 * caller to look at.
 */
export function walkLeaf(view: DataView, at: number, end: number): number {
  if (at >= end) return BROKEN;
  const first = view.getUint8(at);
  if (first === 0x22) {
    const plainEnd = walkPlainString(view, at + 1, end);
    return plainEnd < 0 ? walkOddString(view, at + 1, end) : plainEnd;
  }
  if (first === 0x2d || isDigit(first)) return walkNumber(view, at, end);
  const literalEnd = walkLiteral(view, at, end);
  return literalEnd < 0 ? BROKEN : literalEnd;
}

/** The position of the first byte that is no JSON white space, or `end`. */
export function skipSpace(view: DataView, from: number, end: number): number {
  let at = from;
  for (; at < end; at++) {
    const byte = view.getUint8(at);
    if (byte > 0x20) break;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
  }
  return at;
}

function walkNumber(view: DataView, from: number, end: number): number {
  let at = from;
  if (view.getUint8(at) === 0x2d) at++;
  if (at < end && view.getUint8(at) === 0x30) at++;
  else at = walkDigits(view, at, end);
  if (at >= 0 && at < end && view.getUint8(at) === 0x2e) {
    at = walkDigits(view, at + 1, end);
  }
  // 0x20 makes an `E` an `e`.
  if (at >= 0 && at < end && (view.getUint8(at) | 0x20) === 0x65) {
    at++;
    if (at < end && isSign(view.getUint8(at))) at++;
    at = walkDigits(view, at, end);
  }
  return at;
}

function walkDigits(view: DataView, from: number, end: number): number {
  let at = from;
  while (at < end && isDigit(view.getUint8(at))) at++;
  return at > from ? at : BROKEN;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isSign(byte: number): boolean {
  return byte === 0x2b || byte === 0x2d;
}
