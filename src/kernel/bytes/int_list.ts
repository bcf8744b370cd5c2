/** The 32-bit number at an index of a list. */
export function intAt(list: usize, index: i32): i32 {
  return load<i32>(list + ((<usize>index) << 2));
}

/** Sets the 32-bit number at an index of a list. */
export function setIntAt(list: usize, index: i32, value: i32): void {
  store<i32>(list + ((<usize>index) << 2), value);
}
