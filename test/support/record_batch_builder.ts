import {
  COMPRESSION_CODES,
  type Compression,
} from "../../src/record/compression.ts";
import { crc32c } from "../../src/record/crc32c.ts";
import { compress } from "./compress.ts";

/** One record to put into a batch. */
export interface BuiltRecord {
  readonly key: string | null;
  readonly value: string | Buffer | null;
  /** Relative to the batch's base offset; its index by default. */
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A batch to build, field by field as the protocol names them. */
export interface BuiltBatch {
  readonly baseOffset: number;
  readonly records: readonly BuiltRecord[];
  /** The last record's by default; larger where compaction took records. */
  readonly lastOffsetDelta?: number;
  readonly baseTimestamp?: number;
  readonly appendTime?: number;
  readonly producerId?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  readonly compression?: Compression;
}

/** The bytes of a v2 record batch, written without regard to speed. */
export function buildBatch(batch: BuiltBatch): Buffer {
  const { records, compression = "none" } = batch;
  const plain = Buffer.concat(records.map(buildRecord));
  const packed = compress(compression, plain);
  const bytes = Buffer.concat([Buffer.alloc(61), packed]);
  const last = records.at(-1);
  const lastDelta = last?.offsetDelta ?? records.length - 1;
  let attributes = COMPRESSION_CODES[compression];
  if (batch.appendTime !== undefined) attributes |= 0x08;
  if (batch.isTransactional) attributes |= 0x10;
  if (batch.isControl) attributes |= 0x20;
  bytes.writeBigInt64BE(BigInt(batch.baseOffset), 0);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes[16] = 2;
  bytes.writeInt16BE(attributes, 21);
  bytes.writeInt32BE(batch.lastOffsetDelta ?? lastDelta, 23);
  bytes.writeBigInt64BE(BigInt(batch.baseTimestamp ?? 0), 27);
  bytes.writeBigInt64BE(BigInt(batch.appendTime ?? 0), 35);
  bytes.writeBigInt64BE(BigInt(batch.producerId ?? -1), 43);
  bytes.writeInt32BE(records.length, 57);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

/** The zigzag varint of a number, with BigInt so that no bit is lost. */
export function encodeVarint(value: number): Buffer {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  const bytes: number[] = [];
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** The bytes of a v2 record; `index` is its offset delta by default. */
export function buildRecord(record: BuiltRecord, index: number): Buffer {
  const headers = Object.entries(record.headers ?? {});
  const body = Buffer.concat([
    Buffer.of(0),
    encodeVarint(record.timestampDelta ?? 0),
    encodeVarint(record.offsetDelta ?? index),
    sized(record.key),
    sized(record.value),
    encodeVarint(headers.length),
    ...headers.flatMap(([name, value]) => [sized(name), sized(value)]),
  ]);
  return Buffer.concat([encodeVarint(body.length), body]);
}

function sized(content: string | Buffer | null): Buffer {
  if (content === null) return encodeVarint(-1);
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return Buffer.concat([encodeVarint(bytes.length), bytes]);
}
