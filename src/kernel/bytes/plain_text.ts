import { UNICODE_ESCAPE_WORD } from "../generated/fixed_texts.ts";

/*
 * From the canonical form of a string (that of `json.dumps`, between the quotes)
 * to its characters as UTF-8.
 */

const BACKSLASH: u8 = 0x5c;
const LETTER_U: u8 = 0x75;
const UNICODE_ESCAPE_BYTES: usize = 6;
/** Stands for a surrogate that has no partner. */
const REPLACEMENT: u32 = 0xfffd;

/** Whether a canonical text has escapes; up to fifteen bytes behind it are read. */
export function hasEscape(at: usize, length: i32): bool {
  const backslash = i8x16.splat(BACKSLASH);
  for (let i = 0; i < length; i += 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(at + i), backslash));
    const left = length - i;
    if (left < 16) found &= (1 << left) - 1;
    if (found !== 0) return true;
  }
  return false;
}

/**
 * Writes a canonical text without its escapes, which makes it shorter if
 * anything. A lone surrogate becomes U+FFFD. Returns where the text ends.
 */
export function writePlain(from: usize, length: i32, to: usize): usize {
  const end = from + length;
  let at = from;
  let out = to;
  while (at < end) {
    const byte = load<u8>(at);
    if (byte !== BACKSLASH) {
      store<u8>(out++, byte);
      at++;
    } else if (load<u8>(at, 1) !== LETTER_U) {
      store<u8>(out++, controlOf(load<u8>(at, 1)));
      at += 2;
    } else {
      const unit = unitAt(at);
      const low = isHigh(unit) ? lowAt(at + UNICODE_ESCAPE_BYTES, end) : 0;
      out = writeCharacter(out, low === 0 ? unit : joined(unit, low));
      at += low === 0 ? UNICODE_ESCAPE_BYTES : 2 * UNICODE_ESCAPE_BYTES;
    }
  }
  return out;
}

/** What a short escape stands for, by its letter. */
function controlOf(letter: u8): u8 {
  switch (letter) {
    case 0x62: // b
      return 0x08;
    case 0x66: // f
      return 0x0c;
    case 0x6e: // n
      return 0x0a;
    case 0x72: // r
      return 0x0d;
    case 0x74: // t
      return 0x09;
    default: // " and \
      return letter;
  }
}

/** The low surrogate whose escape is at `at`, or 0. */
function lowAt(at: usize, end: usize): u32 {
  if (at >= end || load<u16>(at) !== UNICODE_ESCAPE_WORD) return 0;
  const unit = unitAt(at);
  return (unit & 0xfc00) === 0xdc00 ? unit : 0;
}

function isHigh(unit: u32): bool {
  return (unit & 0xfc00) === 0xd800;
}

function joined(high: u32, low: u32): u32 {
  return 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
}

/** The UTF-16 unit of the escape at `at`. */
function unitAt(at: usize): u32 {
  let unit: u32 = 0;
  for (let i: usize = 2; i < UNICODE_ESCAPE_BYTES; i++) {
    const digit = load<u8>(at + i);
    // A letter has the bit of 0x40, and stands for nine more than its low bits.
    unit = (unit << 4) | ((digit & 0x0f) + (digit > 0x40 ? 9 : 0));
  }
  return unit;
}

function writeCharacter(to: usize, code: u32): usize {
  if (code < 0x80) {
    store<u8>(to, code);
    return to + 1;
  }
  if (code < 0x800) {
    store<u8>(to, 0xc0 | (code >> 6));
    return writeContinuation(to + 1, code, 1);
  }
  if (code >= 0x10000) {
    store<u8>(to, 0xf0 | (code >> 18));
    return writeContinuation(to + 1, code, 3);
  }
  const known = (code & 0xf800) === 0xd800 ? REPLACEMENT : code;
  store<u8>(to, 0xe0 | (known >> 12));
  return writeContinuation(to + 1, known, 2);
}

function writeContinuation(to: usize, code: u32, count: i32): usize {
  for (let i = 0; i < count; i++) {
    const shift = 6 * (count - 1 - i);
    store<u8>(to + i, 0x80 | ((code >> shift) & 0x3f));
  }
  return to + count;
}
