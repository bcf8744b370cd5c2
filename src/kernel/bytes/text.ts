/*
 * Copying and comparing short texts. None of these reads or writes a byte
 * outside: a length that is no multiple of the step ends with a step that
 * overlaps the one before.
 */

/** Copies between places that do not overlap; returns where the copy ends. */
export function copyText(from: usize, to: usize, length: i32): usize {
  const end = to + length;
  if (length >= 16) {
    const last = length - 16;
    for (let i = 0; i < last; i += 16) {
      v128.store(to + i, v128.load(from + i));
    }
    v128.store(to + last, v128.load(from + last));
  } else if (length >= 8) {
    const last = length - 8;
    store<u64>(to, load<u64>(from));
    store<u64>(to + last, load<u64>(from + last));
  } else if (length >= 4) {
    const last = length - 4;
    store<u32>(to, load<u32>(from));
    store<u32>(to + last, load<u32>(from + last));
  } else {
    for (let i = 0; i < length; i++) store<u8>(to + i, load<u8>(from + i));
  }
  return end;
}

/** Whether two texts of one length are equal. */
export function isSameText(a: usize, b: usize, length: i32): bool {
  if (length >= 16) {
    const last = length - 16;
    for (let i = 0; i < last; i += 16) {
      if (!isSameBlock(a + i, b + i)) return false;
    }
    return isSameBlock(a + last, b + last);
  }
  if (length >= 8) {
    const last = length - 8;
    const isSame = load<u64>(a) === load<u64>(b);
    return isSame && load<u64>(a + last) === load<u64>(b + last);
  }
  for (let i = 0; i < length; i++) {
    if (load<u8>(a + i) !== load<u8>(b + i)) return false;
  }
  return true;
}

function isSameBlock(a: usize, b: usize): bool {
  return !v128.any_true(v128.xor(v128.load(a), v128.load(b)));
}
