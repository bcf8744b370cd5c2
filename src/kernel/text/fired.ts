/** Numbers about the last firing, at the places below: doubles. */
export const FIRED_NUMBERS: i32 = 15;
export const FIRED: usize = memory.data(8 * FIRED_NUMBERS, 16);

/** Where the JSON stands, and how long it is. */
export const VALUE: usize = 0;
export const VALUE_LENGTH: usize = 8;
/** Where the key stands in it. */
export const KEY: usize = 16;
export const KEY_LENGTH: usize = 24;
export const KEY_HASH: usize = 32;
export const ID_PARTITION: usize = 40;
export const ID_OFFSET: usize = 48;
export const REVISION: usize = 56;
export const FINAL: usize = 64;
export const END_MS: usize = 72;
export const VISITS: usize = 80;
export const NEW_VISITS: usize = 88;
/** How many fired ids the session has swallowed, and where they are listed. */
export const SWALLOWED: usize = 96;
export const SWALLOWED_IDS: usize = 104;
/** One of the reasons below. */
export const CLOSE_REASON: usize = 112;

/** Places in `CLOSE_REASONS` of src/window/window_store.ts. */
export const GAP: i32 = 0;
export const LATE_UPDATE: i32 = 1;
export const END_OF_INPUT: i32 = 2;

/** A number of the last firing, by its place. */
export function firedNumber(place: usize): f64 {
  return load<f64>(FIRED + place);
}

/** A length, or a number of things, of the last firing. */
export function firedCount(place: usize): i32 {
  return <i32>firedNumber(place);
}

/** An address of the last firing. */
export function firedAddress(place: usize): usize {
  return <usize>firedNumber(place);
}

/** Sets a number of the firing that is being told of. */
export function setFired(place: usize, value: f64): void {
  store<f64>(FIRED + place, value);
}
