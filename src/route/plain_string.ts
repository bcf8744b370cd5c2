const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const TWOS = 0x02020202;
const BACKSLASHES = 0x5c5c5c5c;
const ABOVE_SPACES = 0x21212121;

/** What `walkPlainString` returns for a string that it leaves to others. */
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
