import {
  readVarint,
  readVarlong,
  varintEnd,
  writeVarint,
  writeVarlong,
} from "../bytes/varint.ts";
import {
  HASH,
  ID_PARTITION,
  IN_PIECES,
  KIND_GONE,
  KIND_GROW,
  KIND_PUT,
} from "./log_record.ts";

/*
 * What stands in front of the message in a record of the window log: whose
 * record it is. Written to one place, since its length is known only then.
 */

/** More than any front has. */
export const FRONT_BYTES_MAX: i32 = 32;
/** Where it is written. */
export const FRONT: usize = memory.data(32, 16);

/** More than any topic has. */
const PARTITIONS_MAX: i32 = 1 << 20;
/** Every whole number up to here is an offset in a double. */
const OFFSET_MAX: i64 = 1 << 53;

/** What `readFront` has read; the kind without `IN_PIECES`. */
export let frontKind: i32 = 0;
export let frontHash: i32 = 0;
/** `~` of the partition for a mixed session. */
export let frontMarked: i32 = 0;
export let frontOffset: f64 = 0;
/** Of a put; 0 for others. */
export let frontCommit: i32 = 0;
/** Whether there is a piece of a message, and how much of it is to come. */
export let isPiece: bool = false;
export let frontBehind: i32 = 0;
/** Where the message begins, or the piece of it. */
export let frontEnd: usize = 0;

/** Whether a kind is one of this version. */
export function isKnownKind(kind: i32): bool {
  if (kind === KIND_GONE) return true;
  const whole = kind & ~IN_PIECES;
  return whole === KIND_PUT || whole === KIND_GROW;
}

/** Reads the front of a value of a known kind; false when it is none. */
export function readFront(value: usize, length: i32): bool {
  const kind: i32 = load<u8>(value);
  frontKind = kind & ~IN_PIECES;
  isPiece = frontKind !== kind;
  frontHash = load<i32>(value, HASH);
  frontMarked = readVarint(<i32>(value + ID_PARTITION));
  const offset = readVarlong(varintEnd);
  frontOffset = <f64>offset;
  frontCommit = frontKind === KIND_PUT ? readVarint(varintEnd) : 0;
  frontBehind = isPiece ? readVarint(varintEnd) : 0;
  frontEnd = varintEnd;
  if (frontEnd > value + length) return false;
  if (offset < 0 || offset > OFFSET_MAX) return false;
  if (frontKind === KIND_PUT && frontCommit < 1) return false;
  return frontPartition() < PARTITIONS_MAX;
}

/** The partition that the log is of. */
export function frontPartition(): i32 {
  return frontMarked < 0 ? ~frontMarked : frontMarked;
}

/** Writes what all kinds begin with; returns where it ends. */
export function writeId(kind: i32, hash: i32, marked: i32, offset: f64): usize {
  store<u8>(FRONT, kind);
  store<i32>(FRONT, hash, HASH);
  const at = writeVarint(FRONT + ID_PARTITION, marked);
  return writeVarlong(at, <i64>offset);
}
