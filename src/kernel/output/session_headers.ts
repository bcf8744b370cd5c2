import { decimalLength, writeDecimal } from "../bytes/decimal.ts";
import { SLACK_BYTES, writeText } from "../bytes/text_writer.ts";
import { varintLength, writeVarint } from "../bytes/varint.ts";
import {
  FAIL_UNKNOWN_CLOSE_REASON,
  FIRED_CLOSE_REASON,
  FIRED_FINAL,
  FIRED_ID_OFFSET,
  FIRED_ID_PARTITION,
  FIRED_REVISION,
  FIRED_SWALLOWED,
  FIRED_SWALLOWED_IDS,
  LISTED_ID_BYTES,
  LISTED_ID_OFFSET,
  TOPIC_ID_BYTES,
} from "../codes.ts";
import {
  CLOSE_REASON_COUNT,
  CLOSE_REASON_HEADERS,
  CLOSE_REASON_LENGTHS,
  CLOSE_REASON_ROW_BYTES,
  FINAL_HEADERS,
  FINAL_LENGTHS,
  FINAL_ROW_BYTES,
  REVISION_NAME,
  REVISION_NAME_LENGTH,
  SESSION_ID_NAME,
  SESSION_ID_NAME_LENGTH,
  SOURCE_TOPIC_ID_NAME,
  SOURCE_TOPIC_ID_NAME_LENGTH,
  SUPERSEDES_NAME,
  SUPERSEDES_NAME_LENGTH,
} from "../generated/fixed_texts.ts";
import { fail } from "../memory/failure.ts";
import { firedAddress, firedCount, firedNumber } from "../text/fired.ts";

/*
 * The headers of the record of the session that was fired last. The names, and
 * the values of which there are few, are fixed texts as they stand in a record.
 */

const DASH: u8 = 0x2d;
const COMMA: u8 = 0x2c;
/** All but `supersedes` and `source-topic-id`. */
const USUAL_HEADERS: i32 = 4;

/** Id of the topic that is read: see `setSourceTopic`. */
export const SOURCE_TOPIC_ID: usize = memory.data(
  TOPIC_ID_BYTES + SLACK_BYTES,
  16,
);
/** Its header: its name, the id, and a length in front of each. */
const SOURCE_TOPIC_HEADER: usize = memory.data(
  2 * TOPIC_ID_BYTES + SLACK_BYTES,
  16,
);
const STATE: usize = memory.data(16, 16);
const SOURCE_TOPIC_HEADER_LENGTH: usize = 0;

/**
 * Says that the first bytes at `SOURCE_TOPIC_ID` are what all sessions have as
 * `source-topic-id` from here on; without any, they have no such header. It is
 * made here, once: no session has another one.
 */
export function setSourceTopic(idLength: i32): void {
  let end = SOURCE_TOPIC_HEADER;
  if (idLength > 0) {
    end = writeText(SOURCE_TOPIC_ID_NAME, end, SOURCE_TOPIC_ID_NAME_LENGTH);
    end = writeVarint(end, idLength);
    end = writeText(SOURCE_TOPIC_ID, end, idLength);
  }
  const length = <i32>(end - SOURCE_TOPIC_HEADER);
  store<i32>(STATE, length, SOURCE_TOPIC_HEADER_LENGTH);
}

/** Bytes of the headers with the number of them in front. */
export function headersLength(): i32 {
  const usual =
    varintLength(headerCount()) +
    SESSION_ID_NAME_LENGTH +
    sized(
      idLength(firedNumber(FIRED_ID_PARTITION), firedNumber(FIRED_ID_OFFSET)),
    ) +
    REVISION_NAME_LENGTH +
    sized(decimalLength(firedNumber(FIRED_REVISION))) +
    finalLength() +
    closeReasonLength() +
    sourceTopicLength();
  if (firedCount(FIRED_SWALLOWED) === 0) return usual;
  return usual + SUPERSEDES_NAME_LENGTH + sized(supersedesLength());
}

/** Writes them; up to fifteen bytes behind them are written too. */
export function writeHeaders(to: usize): usize {
  let at = writeVarint(to, headerCount());
  at = writeText(SESSION_ID_NAME, at, SESSION_ID_NAME_LENGTH);
  const partition = firedNumber(FIRED_ID_PARTITION);
  const offset = firedNumber(FIRED_ID_OFFSET);
  at = writeVarint(at, idLength(partition, offset));
  at = writeId(at, partition, offset);
  at = writeText(REVISION_NAME, at, REVISION_NAME_LENGTH);
  const revision = firedNumber(FIRED_REVISION);
  at = writeVarint(at, decimalLength(revision));
  at = writeDecimal(at, revision);
  at = writeText(finalHeader(), at, finalLength());
  at = writeText(closeReasonHeader(), at, closeReasonLength());
  if (firedCount(FIRED_SWALLOWED) > 0) {
    at = writeText(SUPERSEDES_NAME, at, SUPERSEDES_NAME_LENGTH);
    at = writeVarint(at, supersedesLength());
    at = writeSupersedes(at);
  }
  return writeText(SOURCE_TOPIC_HEADER, at, sourceTopicLength());
}

function headerCount(): i32 {
  const hasSwallowed = firedCount(FIRED_SWALLOWED) > 0;
  return USUAL_HEADERS + i32(hasSwallowed) + i32(sourceTopicLength() > 0);
}

function sourceTopicLength(): i32 {
  return load<i32>(STATE, SOURCE_TOPIC_HEADER_LENGTH);
}

/** A fixed header, by the place of its value among all. */
function finalHeader(): usize {
  return FINAL_HEADERS + finalCode() * FINAL_ROW_BYTES;
}
function finalLength(): i32 {
  return load<u8>(FINAL_LENGTHS + finalCode());
}
function finalCode(): i32 {
  return firedNumber(FIRED_FINAL) === 1 ? 1 : 0;
}

function closeReasonHeader(): usize {
  return CLOSE_REASON_HEADERS + closeReason() * CLOSE_REASON_ROW_BYTES;
}
function closeReasonLength(): i32 {
  return load<u8>(CLOSE_REASON_LENGTHS + closeReason());
}

/** The code of the close reason; gives up when there is none such. */
function closeReason(): i32 {
  const reason = firedCount(FIRED_CLOSE_REASON);
  if (<u32>reason >= <u32>CLOSE_REASON_COUNT) fail(FAIL_UNKNOWN_CLOSE_REASON);
  return reason;
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
  const count = firedCount(FIRED_SWALLOWED);
  let id = firedAddress(FIRED_SWALLOWED_IDS);
  let length = count - 1;
  for (let i = 0; i < count; i++) {
    length += idLength(load<f64>(id), load<f64>(id, LISTED_ID_OFFSET));
    id += LISTED_ID_BYTES;
  }
  return length;
}

function writeSupersedes(to: usize): usize {
  const count = firedCount(FIRED_SWALLOWED);
  let id = firedAddress(FIRED_SWALLOWED_IDS);
  let at = to;
  for (let i = 0; i < count; i++) {
    if (i > 0) store<u8>(at++, COMMA);
    at = writeId(at, load<f64>(id), load<f64>(id, LISTED_ID_OFFSET));
    id += LISTED_ID_BYTES;
  }
  return at;
}

/** Bytes of a text with its length in front. */
function sized(length: i32): i32 {
  return varintLength(length) + length;
}
