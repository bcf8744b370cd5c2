import { intAt } from "../bytes/int_list.ts";
import { isSameText } from "../bytes/text.ts";
import {
  ASCII_ESCAPE_WORD,
  T_ID_WORD,
  VISIT_ID_OPENING,
  VISIT_ID_OPENING_LENGTH,
} from "../generated/fixed_texts.ts";
import { scanRecord } from "./json_scanner.ts";
import { walkPlainString } from "./json_string.ts";
import { LEAF_ENDS, LEAF_STARTS, VISIT_ID } from "./leaves.ts";

const DIGIT_5: u8 = 0x35;
const DIGIT_7: u8 = 0x37;

const QUOTE: u8 = 0x22;
const SPACE: u8 = 0x20;

/** Where the last `visit_id` found stands, without its quotes. */
export let visitIdStart: i32 = 0;
export let visitIdLength: i32 = 0;

/**
 * Finds the `visit_id` of the value `[start, end)` if that is surely the only
 * one, or the last, and a string in canonical form that is not empty.
 */
export function findVisitId(start: i32, end: i32): bool {
  return findFirst(start, end) || findInVisit(start, end);
}

/** Finds one that is the first member, and named nowhere else. */
function findFirst(start: i32, end: i32): bool {
  if (end - start < VISIT_ID_OPENING_LENGTH + 4) return false;
  if (!isSameText(start, VISIT_ID_OPENING, VISIT_ID_OPENING_LENGTH))
    return false;
  let from = start + VISIT_ID_OPENING_LENGTH;
  if (load<u8>(from) === SPACE) from++;
  if (load<u8>(from) !== QUOTE) return false;
  const behind = walkPlainString(from + 1, end);
  if (behind < 0 || mayNameVisitId(behind, end)) return false;
  return found(from + 1, behind - 1);
}

/** Finds the one of what is surely JSON. */
function findInVisit(start: i32, end: i32): bool {
  const fields = scanRecord(start, end);
  if (fields === 0) return false;
  const leaf = intAt(fields, VISIT_ID);
  if (leaf < 0) return false;
  const from = intAt(LEAF_STARTS, leaf);
  const behind = intAt(LEAF_ENDS, leaf);
  if (load<u8>(from) !== QUOTE || behind < 0) return false;
  return found(from + 1, behind - 1);
}

function found(start: i32, end: i32): bool {
  visitIdStart = start;
  visitIdLength = end - start;
  return visitIdLength > 0;
}

/**
 * True when the text may name `visit_id`: as it is, or with an escape for one
 * of its characters, which all begin with `\u005`, `\u006` or `\u007`. False is
 * certain. Some bytes behind the end may be read.
 */
function mayNameVisitId(from: i32, end: i32): bool {
  for (let at = from; at < end; at += 16) {
    const text = v128.load(at);
    const behind = v128.load(at + 1);
    const marks = v128.or(
      v128.and(
        i8x16.eq(text, i8x16.splat(0x74)),
        i8x16.eq(behind, i8x16.splat(0x5f)),
      ),
      v128.and(
        i8x16.eq(text, i8x16.splat(0x5c)),
        i8x16.eq(behind, i8x16.splat(0x75)),
      ),
    );
    if (v128.any_true(marks) && isNamedAt(at, i8x16.bitmask(marks)))
      return true;
  }
  return false;
}

/** Whether one of the marked places looks like part of the name. */
function isNamedAt(at: i32, marked: i32): bool {
  for (let marks = marked; marks !== 0; marks &= marks - 1) {
    const place = at + ctz(marks);
    const word = load<u32>(place);
    if (word === T_ID_WORD) return true;
    const digit = load<u8>(place, 4);
    if (word === ASCII_ESCAPE_WORD && digit >= DIGIT_5 && digit <= DIGIT_7)
      return true;
  }
  return false;
}
