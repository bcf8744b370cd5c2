/** Bytes behind a text that may be written with its last ones. */
export const SLACK_BYTES: i32 = 16;

/**
 * Copies bytes to the end of a text; returns where they end. Up to fifteen more
 * are written, which what is written next replaces.
 */
export function writeText(from: usize, to: usize, length: i32): usize {
  for (let i = 0; i < length; i += 16) {
    v128.store(to + i, v128.load(from + i));
  }
  return to + length;
}
