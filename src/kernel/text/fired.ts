import { FIRED_NUMBERS } from "../codes.ts";
/** Numbers about the last firing, at the places that `codes.ts` names: doubles. */
export const FIRED: usize = memory.data(8 * FIRED_NUMBERS, 16);

/** A number of the last firing, by its place. */
export function firedNumber(place: i32): f64 {
  return load<f64>(FIRED + ((<usize>place) << 3));
}

/** A length, or a number of things, of the last firing. */
export function firedCount(place: i32): i32 {
  return <i32>firedNumber(place);
}

/** An address of the last firing. */
export function firedAddress(place: i32): usize {
  return <usize>firedNumber(place);
}

/** Sets a number of the firing that is being told of. */
export function setFired(place: i32, value: f64): void {
  store<f64>(FIRED + ((<usize>place) << 3), value);
}
