import {
  batchByteLength,
  HEADER_BYTES,
  readAttributes,
} from "./batch_header_reader.ts";
import { COMPRESSION_MASK, unpackedBytes } from "./compression.ts";

/**
 * Whole record batches (v2) of one partition that lie in one frame of shared
 * memory, in offset order: what a source hands over, and no record of it is
 * looked at on the way.
 */
export interface Chunk {
  readonly partition: number;
  /** When the bytes came off the socket or file: `wallClockMs()`. */
  readonly fetchedAtMs: number;
  /** The newest time that its batches claim, ms; -1 when records have none. */
  readonly newestMs: number;
  /** Shared memory, from its start; the batches need not be all that is in it. */
  readonly bytes: Buffer;
  /** Where in `bytes` each batch begins. */
  readonly starts: readonly number[];
  /** Bytes of the batches, packed as they are. */
  readonly byteLength: number;
  /** Records before this offset are not wanted. */
  readonly firstOffset: number;
  /** Nor are those from here on; Infinity for no end. */
  readonly endOffset: number;
  /** Records that are wanted, as their batches' headers say. */
  readonly count: number;
  /** Written by ourselves: there is no CRC to check. */
  readonly isOwn: boolean;
  /** Gives the frame up; to be called exactly once. */
  release(): void;
}

/** What a thread needs to read a chunk. */
export interface ChunkPlace {
  readonly topic: string;
  readonly partition: number;
  readonly memory: SharedArrayBuffer;
  readonly starts: Int32Array;
  readonly firstOffset: number;
  readonly endOffset: number;
  readonly isOwn: boolean;
}

/** Where a thread finds the chunk. Throws when it is not in shared memory. */
export function placeOf(chunk: Chunk, topic: string): ChunkPlace {
  const { partition, bytes, starts, firstOffset, endOffset, isOwn } = chunk;
  const memory = bytes.buffer;
  if (!(memory instanceof SharedArrayBuffer) || bytes.byteOffset !== 0) {
    throw new Error("Cannot hand on chunk: its frame is not shared memory");
  }
  return {
    ...{ topic, partition, memory, firstOffset, endOffset, isOwn },
    starts: Int32Array.from(starts),
  };
}

/** True when any of the batches that begin there is packed by a codec. */
export function isAnyPacked(
  bytes: Buffer,
  starts: readonly number[] | Int32Array,
): boolean {
  return starts.some(
    (start) => (readAttributes(bytes, start) & COMPRESSION_MASK) !== 0,
  );
}

/** Bytes of a chunk, its batches as they claim to unpack to. */
export function claimedBytesOf({ bytes, starts, byteLength }: Chunk): number {
  if (!isAnyPacked(bytes, starts)) return byteLength;
  return starts.reduce((sum, at) => sum + batchUnpackedBytes(bytes, at), 0);
}

/** Bytes of the whole batch at `start`, its records as they claim to unpack to. */
export function batchUnpackedBytes(bytes: Buffer, start: number): number {
  const byteLength = batchByteLength(bytes, start);
  const code = readAttributes(bytes, start) & COMPRESSION_MASK;
  if (code === 0) return byteLength;
  const records = bytes.subarray(start + HEADER_BYTES, start + byteLength);
  return HEADER_BYTES + unpackedBytes(code, records);
}
