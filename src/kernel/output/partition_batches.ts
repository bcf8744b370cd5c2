import { SLACK_BYTES } from "../bytes/text_writer.ts";
import { varintLength, writeVarint } from "../bytes/varint.ts";
import { FAIL_NO_MEMORY } from "../codes.ts";
import { allocate, bytesOf, free } from "../memory/arena.ts";
import { fail } from "../memory/failure.ts";
import { itemsOf, lengthenTo, lengthOf } from "../memory/growing_list.ts";

/*
 * Kafka record batches (v2) that are filled, those of each partition one behind
 * the other in an area of its own: to the byte as RecordBatchWriter fills them
 * (src/kafka), but for the header of a batch, of which only its length and the
 * number of its records are written here. There are two sets of them, for two
 * topics; `batches` is always one of these.
 *
 *     area | header | record record record | header | record record ... | free
 *                                          '-- BATCH_START       LENGTH --'
 */

/** Fields of a partition. */
const AREA: usize = 0;
const LENGTH: usize = 4;
/** Where the batch begins that is filled, and how many records it has. */
const BATCH_START: usize = 8;
const COUNT: usize = 12;
const PARTITION_BYTES: i32 = 16;

/** Of sessions that were fired. */
export const SESSION_BATCHES: usize = memory.data(32, 16);
/** Of changes, for the window log. */
export const LOG_BATCHES: usize = memory.data(32, 16);
/** The partitions: a growing list. */
const PARTITIONS: usize = 0;
/** Most bytes of a batch that the topic takes. */
const BATCH_BYTES_MAX: usize = 12;
/** Bytes in all areas, and those from which on they are full. */
const BYTE_LENGTH: usize = 16;
const BYTE_LENGTH_MAX: usize = 20;
/** 1 when the batches were taken: the next record begins anew. */
const IS_TAKEN: usize = 24;

/** Bytes of the record that was begun last, without a header of its batch. */
export let startedBytes: i32 = 0;

const HEADER_BYTES: i32 = 61;
/** Places in the header; the length is of what follows behind it. */
const BATCH_LENGTH: usize = 8;
const BATCH_COUNT: usize = 57;
const LENGTH_END: i32 = 12;

/** Batches are closed at this size even where the topic takes larger ones. */
const PREFERRED_BATCH_BYTES: i32 = 1024 * 1024;
const AREA_BYTES: i32 = 16 * 1024;
const AREA_BYTES_MAX: i64 = 0x7fff0000;
/** An area that one huge record has grown past this is not kept. */
const KEPT_BYTES: i32 = 4 * 1024 * 1024;
/** Attributes and timestamp delta of every record: both zero. */
const FIXED_BYTES: i32 = 2;

/**
 * Begins to fill batches for so many partitions, of a topic that takes batches
 * of so many bytes.
 */
export function createBatches(
  batches: usize,
  partitions: i32,
  batchBytesMax: i32,
): void {
  store<i32>(batches, batchBytesMax, BATCH_BYTES_MAX);
  widenBatches(batches, partitions);
}

/** Sees to it that there are so many partitions. */
export function widenBatches(batches: usize, partitions: i32): void {
  lengthenTo(batches + PARTITIONS, partitions, PARTITION_BYTES);
}

/** Sets how many bytes in all batches are enough. */
export function limitBatches(batches: usize, byteLength: u32): void {
  store<u32>(batches, byteLength, BYTE_LENGTH_MAX);
}

/** Whether there are partitions to fill batches for. */
export function hasBatches(batches: usize): bool {
  return partitionCount(batches) > 0;
}

export function partitionCount(batches: usize): i32 {
  return lengthOf(batches + PARTITIONS);
}

/** Bytes in the batches that were not taken yet. */
export function batchedBytes(batches: usize): u32 {
  return load<i32>(batches, IS_TAKEN) === 1
    ? 0
    : load<u32>(batches, BYTE_LENGTH);
}

export function areBatchesFull(batches: usize): bool {
  return batchedBytes(batches) >= load<u32>(batches, BYTE_LENGTH_MAX);
}

/**
 * Begins a record whose key, value and headers take so many bytes: returns the
 * place for them, 0 when the topic takes no such record. Up to fifteen bytes
 * behind them may be written too.
 */
export function startRecord(
  batches: usize,
  partition: i32,
  tailLength: i64,
): usize {
  if (load<i32>(batches, IS_TAKEN) === 1) clearBatches(batches);
  const place = placeOf(batches, partition);
  if (!fitsBatch(batches, place, tailLength)) closeBatch(place);
  const count = load<i32>(place, COUNT);
  const headerLength = count === 0 ? HEADER_BYTES : 0;
  const ownLength = recordLength(count, tailLength);
  const byteLength = headerLength + ownLength;
  if (count === 0 && byteLength > load<i32>(batches, BATCH_BYTES_MAX)) return 0;
  if (count === 0) store<i32>(place, load<i32>(place, LENGTH), BATCH_START);
  startedBytes = <i32>ownLength;
  let at = append(batches, place, byteLength) + headerLength;
  at = writeVarint(at, <i32>bodyLength(count, tailLength));
  store<u16>(at, 0);
  store<i32>(place, count + 1, COUNT);
  return writeVarint(at + FIXED_BYTES, count);
}

/** Closes all batches; the next record begins anew. */
export function takeBatches(batches: usize): void {
  for (let i = 0; i < partitionCount(batches); i++)
    closeBatch(placeOf(batches, i));
  store<i32>(batches, 1, IS_TAKEN);
}

/** Where the batches of a partition stand that were taken. */
export function batchesOf(batches: usize, partition: i32): usize {
  return load<usize>(placeOf(batches, partition), AREA);
}

/** Bytes of them. */
export function batchesLength(batches: usize, partition: i32): i32 {
  return load<i32>(placeOf(batches, partition), LENGTH);
}

/** The block of the partitions, 0 when there are none. */
export function batchesBlock(batches: usize): usize {
  return itemsOf(batches + PARTITIONS);
}

function placeOf(batches: usize, partition: i32): usize {
  return itemsOf(batches + PARTITIONS) + partition * PARTITION_BYTES;
}

/** Whether the batch that is filled can take a record more. */
function fitsBatch(batches: usize, place: usize, tailLength: i64): bool {
  const count = load<i32>(place, COUNT);
  const batch = load<i32>(place, LENGTH) - load<i32>(place, BATCH_START);
  const limit = min(load<i32>(batches, BATCH_BYTES_MAX), PREFERRED_BATCH_BYTES);
  return batch + recordLength(count, tailLength) <= limit;
}

/** Bytes of a record with so many before it in its batch. */
function recordLength(count: i32, tailLength: i64): i64 {
  const body = bodyLength(count, tailLength);
  return varintLength(<i32>body) + body;
}

function bodyLength(count: i32, tailLength: i64): i64 {
  return FIXED_BYTES + varintLength(count) + tailLength;
}

/** Makes an area longer by so many bytes; returns where they begin. */
function append(batches: usize, place: usize, byteLength: i64): usize {
  const length = load<i32>(place, LENGTH);
  reserve(place, length + byteLength + SLACK_BYTES);
  store<i32>(place, length + <i32>byteLength, LENGTH);
  const sum = load<u32>(batches, BYTE_LENGTH);
  store<u32>(batches, sum + <u32>byteLength, BYTE_LENGTH);
  return load<usize>(place, AREA) + length;
}

/** Sees to it that an area has so many bytes. */
function reserve(place: usize, needed: i64): void {
  const area = load<usize>(place, AREA);
  const held = area === 0 ? 0 : bytesOf(area);
  if (needed <= held) return;
  if (needed > AREA_BYTES_MAX) fail(FAIL_NO_MEMORY);
  const wanted = min(AREA_BYTES_MAX, max<i64>(AREA_BYTES, <i64>held * 2));
  const grown = allocate(<i32>max(needed, wanted));
  if (area !== 0) {
    memory.copy(grown, area, load<i32>(place, LENGTH));
    free(area);
  }
  store<usize>(place, grown, AREA);
}

/** Closes the batch of a partition that is filled, if there is one. */
function closeBatch(place: usize): void {
  const count = load<i32>(place, COUNT);
  if (count === 0) return;
  const start = load<i32>(place, BATCH_START);
  const batch = load<usize>(place, AREA) + start;
  const length = load<i32>(place, LENGTH) - start - LENGTH_END;
  store<i32>(batch, bswap<i32>(length), BATCH_LENGTH);
  store<i32>(batch, bswap<i32>(count), BATCH_COUNT);
  store<i32>(place, 0, COUNT);
}

/** Empties the areas. */
function clearBatches(batches: usize): void {
  for (let i = 0; i < partitionCount(batches); i++) {
    const place = placeOf(batches, i);
    const area = load<usize>(place, AREA);
    store<i32>(place, 0, LENGTH);
    if (area === 0 || bytesOf(area) <= KEPT_BYTES) continue;
    free(area);
    store<usize>(place, 0, AREA);
  }
  store<i32>(batches, 0, BYTE_LENGTH);
  store<i32>(batches, 0, IS_TAKEN);
}
