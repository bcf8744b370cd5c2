/** What a walk returns instead of a position when the text is not JSON. */
export const BROKEN: i32 = i32.MIN_VALUE;

/** What the quick walks return when they leave a leaf to `walkLeaf`. */
export const UNSURE: i32 = -1;

const QUOTE: u8 = 0x22;
const BACKSLASH: u8 = 0x5c;
const DELETE: u8 = 0x7f;

/** Longer than any record. */
const UNKNOWN: i32 = 0x40000000;

/**
 * Walks a string from behind its opening quote, sixteen bytes at a time.
 * Returns the position behind its closing quote; `UNSURE` when it is not all
 * printable ASCII without escapes.
 */
export function walkPlainString(from: i32, end: i32): i32 {
  for (let at = from; at < end; at += 16) {
    const text = v128.load(at);
    // Signed and one up, so that DELETE and all beyond it are below the space
    // too.
    const stops = v128.or(
      i8x16.lt_s(i8x16.add(text, i8x16.splat(1)), i8x16.splat(0x21)),
      v128.or(
        i8x16.eq(text, i8x16.splat(QUOTE)),
        i8x16.eq(text, i8x16.splat(BACKSLASH)),
      ),
    );
    const mask = i8x16.bitmask(stops);
    if (mask === 0) continue;
    const stop = at + ctz(mask);
    if (stop >= end || load<u8>(stop) !== QUOTE) return UNSURE;
    return stop + 1;
  }
  return UNSURE;
}

/**
 * Walks a string byte by byte from behind its opening quote. Returns what
 * `walkLeaf` does.
 */
export function walkOddString(from: i32, end: i32): i32 {
  let isPlain = true;
  let at = from;
  while (at < end) {
    const byte = load<u8>(at);
    if (byte === QUOTE) return isPlain ? at + 1 : ~(at + 1);
    if (byte < 0x20) return BROKEN;
    if (byte < DELETE && byte !== BACKSLASH) {
      at++;
      continue;
    }
    isPlain = false;
    if (byte === BACKSLASH) at += escapeLength(at, end);
    else if (byte === DELETE) at++;
    else at += characterLength(at, end);
  }
  return BROKEN;
}

/** Bytes of the escape at a backslash. */
function escapeLength(at: i32, end: i32): i32 {
  if (at + 1 >= end) return UNKNOWN;
  switch (load<u8>(at + 1)) {
    case 0x22: // "
    case 0x5c: // \
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return 2;
    case 0x75: // u
      return isFourHexDigits(at + 2, end) ? 6 : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

function isFourHexDigits(from: i32, end: i32): bool {
  if (from + 4 > end) return false;
  for (let at = from; at < from + 4; at++) {
    const byte = load<u8>(at);
    const isDigit = byte >= 0x30 && byte <= 0x39;
    const letter: u8 = byte | 0x20;
    if (!isDigit && !(letter >= 0x61 && letter <= 0x66)) return false;
  }
  return true;
}

/** Bytes of the UTF-8 character, beyond ASCII, that starts at `at`. */
function characterLength(at: i32, end: i32): i32 {
  const lead = load<u8>(at);
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || at + length > end) return UNKNOWN;
  // No overlong forms, no surrogates, nothing above U+10FFFF.
  const second = load<u8>(at + 1);
  const lowest: u8 = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest: u8 = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return UNKNOWN;
  for (let next = at + 2; next < at + length; next++) {
    if ((load<u8>(next) & 0xc0) !== 0x80) return UNKNOWN;
  }
  return length;
}
