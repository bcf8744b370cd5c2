import { varintLength, writeVarint } from "../bytes/varint.ts";
import {
  LOG_BATCHES,
  startRecord,
  widenBatches,
} from "../output/partition_batches.ts";

/*
 * The records of the window log, as they stand in its batches: no key, no
 * headers.
 */
const NO_KEY: i32 = -1;
const NO_HEADERS: i32 = 0;

/** Begins a record; returns where its value of so many bytes is to be put. */
export function startLogRecord(partition: i32, valueLength: i32): usize {
  widenBatches(LOG_BATCHES, partition + 1);
  const tailLength =
    <i64>varintLength(NO_KEY) +
    varintLength(valueLength) +
    valueLength +
    varintLength(NO_HEADERS);
  const start = startRecord(LOG_BATCHES, partition, tailLength);
  if (!ASC_NO_ASSERT) assert(start !== 0);
  const value = writeVarint(writeVarint(start, NO_KEY), valueLength);
  // What is written as the value comes before this byte.
  writeVarint(value + valueLength, NO_HEADERS);
  return value;
}
