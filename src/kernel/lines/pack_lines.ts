import { writeText } from "../bytes/text_writer.ts";
import { varintLength, writeVarint } from "../bytes/varint.ts";

/*
 * Lines as records of a batch (v2), whose key is null and whose offsets are the
 * numbers of the lines. Blank lines are left out, as is a CR before the LF.
 */

const TAB: u8 = 0x09;
const LF: u8 = 0x0a;
const CR: u8 = 0x0d;
const SPACE: u8 = 0x20;

/** The length of a null key, -1. */
const NO_KEY: u8 = 1;
/** One byte each: attributes, time since the batch's, key, number of headers. */
const FIXED_BYTES: i32 = 4;

/** What the last call came to: the first byte that it has not taken, */
export let packedTo: i32 = 0;
/** the lines that it has taken, blank ones too, */
export let packedLines: i32 = 0;
/** how many records they are, */
export let packedRecords: i32 = 0;
/** and the first and the last of these lines that are one, from its first line on. */
export let firstPacked: i32 = 0;
export let lastPacked: i32 = 0;

/**
 * Packs the lines between `from` and `end`, the last of which may lack its line
 * feed, as `recordsMax` records at most. `delta` is the first line's offset from
 * the batch's, -1 when its first record is that of the batch. Returns where the
 * records end, not behind `roomEnd`. Some bytes behind `end` are read, and some
 * behind the records are written: fifteen at most.
 */
export function packLines(
  from: i32,
  end: i32,
  to: i32,
  roomEnd: i32,
  delta: i32,
  recordsMax: i32,
): i32 {
  let at = from;
  let written: usize = to;
  let line = 0;
  let records = 0;
  let base = -delta;
  while (at < end && records < recordsMax) {
    const feed = lineEnd(at, end);
    const stop = feed > at && load<u8>(feed - 1) === CR ? feed - 1 : feed;
    if (!isBlank(at, stop)) {
      const length = stop - at;
      if (records === 0) {
        if (delta < 0) base = line;
        firstPacked = line;
      }
      const offset = line - base;
      const body =
        FIXED_BYTES + varintLength(offset) + varintLength(length) + length;
      if (<i32>written + varintLength(body) + body > roomEnd) break;
      written = writeVarint(written, body);
      store<u16>(written, 0);
      written = writeVarint(written + 2, offset);
      store<u8>(written, NO_KEY);
      written = writeVarint(written + 1, length);
      written = writeText(at, written, length);
      store<u8>(written++, 0);
      lastPacked = line;
      records++;
    }
    line++;
    at = feed + 1;
  }
  packedTo = min(at, end);
  packedLines = line;
  packedRecords = records;
  return <i32>written;
}

/** The next line feed; `end` when there is none before. */
function lineEnd(from: i32, end: i32): i32 {
  const feed = i8x16.splat(LF);
  for (let at = from; at < end; at += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), feed));
    if (found !== 0) return min(at + ctz(found), end);
  }
  return end;
}

function isBlank(from: i32, end: i32): bool {
  for (let at = from; at < end; at++) {
    const byte = load<u8>(at);
    if (byte !== SPACE && byte !== TAB) return false;
  }
  return true;
}
