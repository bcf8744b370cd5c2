import {
  COMPRESSION_CODES,
  type Compression,
} from "../../src/record/compression.ts";
import { crc32c } from "../../src/record/crc32c.ts";
import { buildBatch } from "./record_batch_builder.ts";

/** A batch with a right CRC around any bytes, with any number of records. */
export function packedBatch(
  records: Buffer,
  batch: { baseOffset: number; compression: Compression; count: number },
): Buffer {
  const { baseOffset, compression, count } = batch;
  const header = buildBatch({ baseOffset, records: [] });
  const bytes = Buffer.concat([header, records]);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt16BE(COMPRESSION_CODES[compression], 21);
  bytes.writeInt32BE(count - 1, 23);
  bytes.writeInt32BE(count, 57);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}
