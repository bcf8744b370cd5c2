import { decimalLength, writeDecimal } from "../bytes/decimal.ts";
import { writeText } from "../bytes/text_writer.ts";
import { varintLength, writeVarint } from "../bytes/varint.ts";
import {
  CLOSE_REASON,
  END_OF_INPUT,
  FINAL,
  firedAddress,
  firedCount,
  firedNumber,
  GAP,
  ID_OFFSET,
  ID_PARTITION,
  REVISION,
  SWALLOWED,
  SWALLOWED_IDS,
} from "../text/fired.ts";

/*
 * The headers of the record of the session that was fired last: the names and
 * values of src/sink/encode/session_metadata.ts. The names, and the values that are
 * always the same, stand here as they stand in a record: behind their lengths.
 */

/** `session-id`, its value to follow. */
const ID_NAME: usize = memory.data<u8>([
  0x14, 0x73, 0x65, 0x73, 0x73, 0x69, 0x6f, 0x6e, 0x2d, 0x69, 0x64, 0, 0, 0, 0,
  0,
]);
const ID_NAME_LENGTH: i32 = 11;

/** `revision`, its value to follow. */
const REVISION_NAME: usize = memory.data<u8>([
  0x10, 0x72, 0x65, 0x76, 0x69, 0x73, 0x69, 0x6f, 0x6e, 0, 0, 0, 0, 0, 0, 0,
]);
const REVISION_NAME_LENGTH: i32 = 9;

/** `final` = `true` */
const IS_FINAL: usize = memory.data<u8>([
  0x0a, 0x66, 0x69, 0x6e, 0x61, 0x6c, 0x08, 0x74, 0x72, 0x75, 0x65, 0, 0, 0, 0,
  0,
]);
const IS_FINAL_LENGTH: i32 = 11;

/** `final` = `false` */
const NOT_FINAL: usize = memory.data<u8>([
  0x0a, 0x66, 0x69, 0x6e, 0x61, 0x6c, 0x0a, 0x66, 0x61, 0x6c, 0x73, 0x65, 0, 0,
  0, 0,
]);
const NOT_FINAL_LENGTH: i32 = 12;

/** `close-reason` = `gap` */
const GAP_REASON: usize = memory.data<u8>([
  0x18, 0x63, 0x6c, 0x6f, 0x73, 0x65, 0x2d, 0x72, 0x65, 0x61, 0x73, 0x6f, 0x6e,
  0x06, 0x67, 0x61, 0x70, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const GAP_REASON_LENGTH: i32 = 17;

/** `close-reason` = `late-update` */
const LATE_UPDATE_REASON: usize = memory.data<u8>([
  0x18, 0x63, 0x6c, 0x6f, 0x73, 0x65, 0x2d, 0x72, 0x65, 0x61, 0x73, 0x6f, 0x6e,
  0x16, 0x6c, 0x61, 0x74, 0x65, 0x2d, 0x75, 0x70, 0x64, 0x61, 0x74, 0x65, 0, 0,
  0, 0, 0, 0, 0,
]);
const LATE_UPDATE_REASON_LENGTH: i32 = 25;

/** `close-reason` = `end-of-input` */
const END_OF_INPUT_REASON: usize = memory.data<u8>([
  0x18, 0x63, 0x6c, 0x6f, 0x73, 0x65, 0x2d, 0x72, 0x65, 0x61, 0x73, 0x6f, 0x6e,
  0x18, 0x65, 0x6e, 0x64, 0x2d, 0x6f, 0x66, 0x2d, 0x69, 0x6e, 0x70, 0x75, 0x74,
  0, 0, 0, 0, 0, 0,
]);
const END_OF_INPUT_REASON_LENGTH: i32 = 26;

/** `supersedes`, its value to follow. */
const SUPERSEDES_NAME: usize = memory.data<u8>([
  0x14, 0x73, 0x75, 0x70, 0x65, 0x72, 0x73, 0x65, 0x64, 0x65, 0x73, 0, 0, 0, 0,
  0,
]);
const SUPERSEDES_NAME_LENGTH: i32 = 11;

const DASH: u8 = 0x2d;
const COMMA: u8 = 0x2c;
/** Of a list of ids: partition and offset of each, as doubles. */
const ID_BYTES: usize = 16;

/** All but `supersedes`. */
const USUAL_HEADERS: i32 = 4;

/** Bytes of the headers with the number of them in front. */
export function headersLength(): i32 {
  const usual =
    varintLength(USUAL_HEADERS) +
    ID_NAME_LENGTH +
    sized(idLength(firedNumber(ID_PARTITION), firedNumber(ID_OFFSET))) +
    REVISION_NAME_LENGTH +
    sized(decimalLength(firedNumber(REVISION))) +
    (isFinal() ? IS_FINAL_LENGTH : NOT_FINAL_LENGTH) +
    closeReasonLength();
  if (firedCount(SWALLOWED) === 0) return usual;
  return usual + SUPERSEDES_NAME_LENGTH + sized(supersedesLength());
}

/** Writes them; up to fifteen bytes behind them are written too. */
export function writeHeaders(to: usize): usize {
  const hasSwallowed = firedCount(SWALLOWED) > 0;
  let at = writeVarint(to, hasSwallowed ? USUAL_HEADERS + 1 : USUAL_HEADERS);
  at = writeText(ID_NAME, at, ID_NAME_LENGTH);
  const partition = firedNumber(ID_PARTITION);
  const offset = firedNumber(ID_OFFSET);
  at = writeVarint(at, idLength(partition, offset));
  at = writeId(at, partition, offset);
  at = writeText(REVISION_NAME, at, REVISION_NAME_LENGTH);
  const revision = firedNumber(REVISION);
  at = writeVarint(at, decimalLength(revision));
  at = writeDecimal(at, revision);
  at = isFinal()
    ? writeText(IS_FINAL, at, IS_FINAL_LENGTH)
    : writeText(NOT_FINAL, at, NOT_FINAL_LENGTH);
  at = writeText(closeReason(), at, closeReasonLength());
  if (!hasSwallowed) return at;
  at = writeText(SUPERSEDES_NAME, at, SUPERSEDES_NAME_LENGTH);
  at = writeVarint(at, supersedesLength());
  return writeSupersedes(at);
}

function isFinal(): bool {
  return firedNumber(FINAL) === 1;
}

function closeReason(): usize {
  const reason = firedCount(CLOSE_REASON);
  if (reason === GAP) return GAP_REASON;
  return reason === END_OF_INPUT ? END_OF_INPUT_REASON : LATE_UPDATE_REASON;
}

function closeReasonLength(): i32 {
  const reason = firedCount(CLOSE_REASON);
  if (reason === GAP) return GAP_REASON_LENGTH;
  return reason === END_OF_INPUT
    ? END_OF_INPUT_REASON_LENGTH
    : LATE_UPDATE_REASON_LENGTH;
}

function idLength(partition: f64, offset: f64): i32 {
  return decimalLength(partition) + 1 + decimalLength(offset);
}

function writeId(to: usize, partition: f64, offset: f64): usize {
  const at = writeDecimal(to, partition);
  store<u8>(at, DASH);
  return writeDecimal(at + 1, offset);
}

/** Bytes of the swallowed ids, comma-joined. */
function supersedesLength(): i32 {
  const count = firedCount(SWALLOWED);
  let id = firedAddress(SWALLOWED_IDS);
  let length = count - 1;
  for (let i = 0; i < count; i++) {
    length += idLength(load<f64>(id), load<f64>(id, 8));
    id += ID_BYTES;
  }
  return length;
}

function writeSupersedes(to: usize): usize {
  const count = firedCount(SWALLOWED);
  let id = firedAddress(SWALLOWED_IDS);
  let at = to;
  for (let i = 0; i < count; i++) {
    if (i > 0) store<u8>(at++, COMMA);
    at = writeId(at, load<f64>(id), load<f64>(id, 8));
    id += ID_BYTES;
  }
  return at;
}

/** Bytes of a text with its length in front. */
function sized(length: i32): i32 {
  return varintLength(length) + length;
}
