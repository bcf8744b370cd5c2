/** What a walk returns instead of a position when the text is not JSON. */
export const BROKEN = -0x80000000;

/**
 * Walks a string byte by byte from behind its opening quote. Returns what
 * `walkLeaf` does.
 */
export function walkOddString(
  view: DataView,
  from: number,
  end: number,
): number {
  let isPlain = true;
  let at = from;
  while (at < end) {
    const byte = view.getUint8(at);
    if (byte === 0x22) return isPlain ? at + 1 : ~(at + 1);
    if (byte < 0x20) return BROKEN;
    if (byte < 0x7f && byte !== 0x5c) {
      at++;
      continue;
    }
    isPlain = false;
    if (byte === 0x5c) at += escapeLength(view, at, end);
    else if (byte === 0x7f) at++;
    else at += characterLength(view, at, end);
    // An unknown escape or character is longer than any record.
  }
  return BROKEN;
}

const UNKNOWN = 0x40000000;

/** Bytes of the escape at a backslash. */
function escapeLength(view: DataView, at: number, end: number): number {
  if (at + 1 >= end) return UNKNOWN;
  switch (view.getUint8(at + 1)) {
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
      return isFourHexDigits(view, at + 2, end) ? 6 : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

function isFourHexDigits(view: DataView, from: number, end: number): boolean {
  if (from + 4 > end) return false;
  for (let at = from; at < from + 4; at++) {
    const byte = view.getUint8(at);
    const isDigit = byte >= 0x30 && byte <= 0x39;
    const letter = byte | 0x20;
    if (!isDigit && !(letter >= 0x61 && letter <= 0x66)) return false;
  }
  return true;
}

/** Bytes of the UTF-8 character, beyond ASCII, that starts at `at`. */
function characterLength(view: DataView, at: number, end: number): number {
  const lead = view.getUint8(at);
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || at + length > end) return UNKNOWN;
  // No overlong forms, no surrogates, nothing above U+10FFFF.
  const second = view.getUint8(at + 1);
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return UNKNOWN;
  for (let next = at + 2; next < at + length; next++) {
    if ((view.getUint8(next) & 0xc0) !== 0x80) return UNKNOWN;
  }
  return length;
}
