import { isDigit } from "../bytes/decimal.ts";
import { FALS_WORD, NULL_WORD, TRUE_WORD } from "../generated/fixed_texts.ts";
import {
  BROKEN,
  UNSURE,
  walkOddString,
  walkPlainString,
} from "./json_string.ts";

/** The position behind the literal at `at`, or `UNSURE`. */
export function walkLiteral(at: i32, end: i32): i32 {
  if (end - at < 5) return UNSURE;
  const word = load<u32>(at);
  if (word === NULL_WORD || word === TRUE_WORD) return at + 4;
  return word === FALS_WORD && load<u8>(at + 4) === 0x65 ? at + 5 : UNSURE;
}

/**
 * Walks a string, number or literal. Returns the position behind it; `~` of it
 * for an odd string, whose bytes are not its canonical form (escapes,
 * non-ASCII, DEL); `BROKEN` when it is no such thing. What follows is for the
 * caller to look at.
 */
export function walkLeaf(at: i32, end: i32): i32 {
  if (at >= end) return BROKEN;
  const first = load<u8>(at);
  if (first === 0x22) {
    const plainEnd = walkPlainString(at + 1, end);
    return plainEnd < 0 ? walkOddString(at + 1, end) : plainEnd;
  }
  if (first === 0x2d || isDigit(first)) return walkNumber(at, end);
  const literalEnd = walkLiteral(at, end);
  return literalEnd < 0 ? BROKEN : literalEnd;
}

/** The position of the first byte that is no JSON white space, or `end`. */
export function skipSpace(from: i32, end: i32): i32 {
  let at = from;
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte > 0x20) break;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
  }
  return at;
}

function walkNumber(from: i32, end: i32): i32 {
  let at = from;
  if (load<u8>(at) === 0x2d) at++;
  if (at < end && load<u8>(at) === 0x30) at++;
  else at = walkDigits(at, end);
  if (at >= 0 && at < end && load<u8>(at) === 0x2e)
    at = walkDigits(at + 1, end);
  // 0x20 makes an `E` an `e`.
  if (at >= 0 && at < end && (load<u8>(at) | 0x20) === 0x65) {
    at++;
    if (at < end && isSign(load<u8>(at))) at++;
    at = walkDigits(at, end);
  }
  return at;
}

function walkDigits(from: i32, end: i32): i32 {
  let at = from;
  while (at < end && isDigit(load<u8>(at))) at++;
  return at > from ? at : BROKEN;
}

function isSign(byte: u8): bool {
  return byte === 0x2b || byte === 0x2d;
}
