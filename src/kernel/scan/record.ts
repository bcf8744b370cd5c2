import { intAt, setIntAt } from "../bytes/int_list.ts";
import { readVarint, readVarlong, varintEnd } from "../bytes/varint.ts";
import {
  OFFSETS,
  PARTITIONS,
  RECORD_KEY_LENGTHS,
  RECORD_KEY_STARTS,
  RECORD_STARTS,
  RECORD_TIMES_MS,
  RECORDS,
  VALUE_LENGTHS,
  VALUE_STARTS,
} from "../rows/columns.ts";

/** What `readRecord` returns for a record that is not all there. */
export const CUT_OFF: i32 = -1;
/** What it returns for one that reaches past its own end. */
export const CORRUPT: i32 = -2;

/** Of what the next records come. */
let partition: i32 = 0;
let baseOffset: f64 = 0;
let baseMs: f64 = 0;
let hasAppendTime: bool = false;

/**
 * Tells where the records come from that are read next: their partition, and
 * the offset and the time from which theirs are counted. With an append time,
 * all have that time.
 */
export function setOrigin(
  ofPartition: i32,
  fromOffset: f64,
  fromMs: f64,
  areAppended: bool,
): void {
  partition = ofPartition;
  baseOffset = fromOffset;
  baseMs = fromMs;
  hasAppendTime = areAppended;
}

/**
 * Reads what stands around the value of a Kafka record (v2) at `at`, of which
 * the bytes up to `end` are there, into a row. Returns the position behind the
 * record.
 */
export function readRecord(row: i32, at: i32, end: i32): i32 {
  if (at >= end) return CUT_OFF;
  const byteLength = readVarint(at);
  const start = varintEnd;
  if (byteLength > end - start) return CUT_OFF;
  const recordEnd = start + byteLength;
  // One byte of attributes, of which none has a meaning, is stepped over.
  const timeDelta = readVarlong(start + 1);
  const offsetDelta = readVarint(varintEnd);
  const keyLength = readVarint(varintEnd);
  const keyStart = varintEnd;
  if (keyLength > recordEnd - keyStart) return CORRUPT;
  const valueLength = readVarint(keyStart + max(0, keyLength));
  const valueStart = varintEnd;
  // Headers are not read: the next record is known from the length.
  if (valueStart + max(0, min(valueLength, byteLength)) > recordEnd) {
    return CORRUPT;
  }
  const place = (<usize>row) << 3;
  setIntAt(PARTITIONS, row, partition);
  store<f64>(OFFSETS + place, baseOffset + <f64>offsetDelta);
  const ownMs = hasAppendTime ? baseMs : baseMs + <f64>timeDelta;
  store<f64>(RECORD_TIMES_MS + place, ownMs);
  setIntAt(RECORD_STARTS, row, at - <i32>RECORDS);
  setIntAt(RECORD_KEY_STARTS, row, keyStart - <i32>RECORDS);
  setIntAt(RECORD_KEY_LENGTHS, row, keyLength);
  setIntAt(VALUE_STARTS, row, valueStart - <i32>RECORDS);
  setIntAt(VALUE_LENGTHS, row, valueLength);
  return recordEnd;
}

/** First byte of the value of a row. */
export function valueStartOf(row: i32): i32 {
  return <i32>RECORDS + intAt(VALUE_STARTS, row);
}

/** Bytes of the value of a row, -1 for null. */
export function valueLengthOf(row: i32): i32 {
  return intAt(VALUE_LENGTHS, row);
}

/** Time that the record of a row was given, ms since the epoch. */
export function recordTimeMsOf(row: i32): f64 {
  return load<f64>(RECORD_TIMES_MS + ((<usize>row) << 3));
}
