import { createRequire } from "node:module";
import { crc32c } from "../../src/record/crc32c.ts";

// kafkajs' own decoder, as a second opinion on what we write.
const require = createRequire(import.meta.url);
const Decoder = require("kafkajs/src/protocol/decoder.js") as new (
  bytes: Buffer,
) => object;
const decodeRecordBatch =
  require("kafkajs/src/protocol/recordBatch/v0/decoder.js") as (
    decoder: object,
  ) => Promise<DecodedBatch>;

/** A record batch as kafkajs reads it. */
export interface DecodedBatch {
  readonly lastOffsetDelta: number;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly inTransaction: boolean;
  readonly firstSequence: number;
  readonly maxTimestamp: string;
  readonly records: readonly DecodedRecord[];
}

/** A record as kafkajs reads it. */
export interface DecodedRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}

/** Decodes one record batch; kafkajs does not look at the CRC, this does. */
export async function decodeBatch(bytes: Uint8Array): Promise<DecodedBatch> {
  const batch = Buffer.from(bytes);
  const crc = batch.readUInt32BE(17);
  if (crc !== crc32c(batch.subarray(21))) {
    throw new Error(`Cannot decode batch: its CRC ${crc} is wrong`);
  }
  return await decodeOwnBatch(batch);
}

/** The same of a batch that never leaves the process, and has no CRC. */
export async function decodeOwnBatch(batch: Buffer): Promise<DecodedBatch> {
  return await decodeRecordBatch(new Decoder(batch));
}
