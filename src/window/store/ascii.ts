/*
 * Copying and comparing short ASCII strings, eight bytes at a time as doubles.
 *
 * A call into native code costs more than moving fifty bytes, and a byte loop
 * about as much, so these are two to four times as fast for our strings. A
 * double keeps its bits on the way because ASCII cannot spell a NaN: that
 * needs a byte of 0xf0 or more. For the same reason (no -0, no NaN) two blocks
 * are equal doubles exactly when they are equal bytes.
 *
 * A length that is no multiple of eight ends with a block that overlaps the
 * one before it, so that nothing outside the strings is read or written.
 */

/** Copies ASCII bytes between places that do not overlap. */
export function copyAscii(
  from: DataView,
  fromStart: number,
  to: DataView,
  toStart: number,
  length: number,
): void {
  if (length >= 8) {
    const last = length - 8;
    let i = 0;
    // Two blocks a turn: V8 checks both views again in each.
    for (; i <= last - 8; i += 16) {
      const next = i + 8;
      to.setFloat64(toStart + i, from.getFloat64(fromStart + i, true), true);
      to.setFloat64(
        toStart + next,
        from.getFloat64(fromStart + next, true),
        true,
      );
    }
    if (i < last) {
      to.setFloat64(toStart + i, from.getFloat64(fromStart + i, true), true);
    }
    to.setFloat64(
      toStart + last,
      from.getFloat64(fromStart + last, true),
      true,
    );
  } else if (length >= 4) {
    const last = length - 4;
    to.setInt32(toStart, from.getInt32(fromStart, true), true);
    to.setInt32(toStart + last, from.getInt32(fromStart + last, true), true);
  } else {
    for (let i = 0; i < length; i++) {
      to.setUint8(toStart + i, from.getUint8(fromStart + i));
    }
  }
}

/** Whether two ASCII strings of one length are equal. */
export function equalAscii(
  a: DataView,
  aStart: number,
  b: DataView,
  bStart: number,
  length: number,
): boolean {
  if (length < 8) {
    for (let i = 0; i < length; i++) {
      if (a.getUint8(aStart + i) !== b.getUint8(bStart + i)) return false;
    }
    return true;
  }
  const last = length - 8;
  for (let i = 0; i < last; i += 8) {
    const same =
      a.getFloat64(aStart + i, true) === b.getFloat64(bStart + i, true);
    if (!same) return false;
  }
  return (
    a.getFloat64(aStart + last, true) === b.getFloat64(bStart + last, true)
  );
}

/** How many bytes two strings of one length have in common at the start. */
export function sharedStart(
  a: DataView,
  aStart: number,
  b: DataView,
  bStart: number,
  length: number,
): number {
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const differing =
      a.getInt32(aStart + i, true) ^ b.getInt32(bStart + i, true);
    if (differing === 0) continue;
    return i + ((31 - Math.clz32(differing & -differing)) >> 3);
  }
  while (i < length && a.getUint8(aStart + i) === b.getUint8(bStart + i)) i++;
  return i;
}

/** Where what two strings have in common at the end begins, `from` at least. */
export function sharedEnd(
  a: DataView,
  aStart: number,
  b: DataView,
  bStart: number,
  length: number,
  from: number,
): number {
  let i = length;
  for (; i - 4 >= from; i -= 4) {
    const differing =
      a.getInt32(aStart + i - 4, true) ^ b.getInt32(bStart + i - 4, true);
    if (differing === 0) continue;
    return i - (Math.clz32(differing) >> 3);
  }
  while (
    i > from &&
    a.getUint8(aStart + i - 1) === b.getUint8(bStart + i - 1)
  ) {
    i--;
  }
  return i;
}

/** Compares two strings in one place: negative when the first is less. */
export function compareAscii(
  view: DataView,
  aStart: number,
  aLength: number,
  bStart: number,
  bLength: number,
): number {
  const length = Math.min(aLength, bLength);
  const at = sharedStart(view, aStart, view, bStart, length);
  if (at < length)
    return view.getUint8(aStart + at) - view.getUint8(bStart + at);
  return aLength - bLength;
}

/** A view of the bytes of a buffer. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
