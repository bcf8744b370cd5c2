import { WorldError } from "../errors.ts";
import { AbortedFilter, type AbortedTransaction } from "./aborted_filter.ts";
import {
  batchByteLength,
  HEADER_BYTES,
  MAGIC,
  readHeader,
  readLeaderEpoch,
  readMagic,
  readRecordCount,
} from "./batch_header_reader.ts";
import { batchUnpackedBytes } from "./chunk.ts";

/** What a fetch response holds of one partition. */
export interface RecordSet {
  readonly bytes: Buffer;
  /** Where the record batches begin and end in `bytes`. */
  readonly start: number;
  readonly end: number;
  readonly aborted: readonly AbortedTransaction[];
  /** The offset that was asked for. */
  readonly fetchOffset: number;
  /** Batches from this offset on are left out. */
  readonly endOffset: number;
  /**
   * Bytes after which a new chunk is begun, and before which for a packed batch
   * that would exceed them. They count as they claim to unpack to.
   */
  readonly chunkBytes: number;
  /** Records after which a new chunk is begun. */
  readonly chunkRecords: number;
}

/** Consecutive visible batches. */
export interface RecordChunk {
  readonly starts: number[];
  byteLength: number;
  /** Bytes that its batches claim to unpack to. */
  unpackedBytes: number;
  /** Records that the headers of its batches claim. */
  count: number;
}

/** The visible batches of a record set, and where to read on. */
export interface RecordSetContents {
  readonly chunks: readonly RecordChunk[];
  /** The offset after the last whole batch, be it visible or not. */
  readonly nextOffset: number;
  /** Leader epoch of that batch, -1 when there is none. */
  readonly leaderEpoch: number;
}

/**
 * Finds the batches of a record set that a reader may see, by their headers
 * alone. The last batch is left out when the response cuts it off. Throws a
 * `WorldError` for a format older than Kafka 0.11.
 */
export function scanRecordSet(set: RecordSet): RecordSetContents {
  const { bytes, end, fetchOffset, endOffset } = set;
  const filter = new AbortedFilter(set.aborted);
  const chunks: RecordChunk[] = [];
  let nextOffset = fetchOffset;
  let leaderEpoch = -1;
  for (let at = set.start; isWhole(bytes, at, end); ) {
    const header = readHeader(bytes, at);
    const isVisible = filter.isVisible(header);
    const isWanted =
      header.lastOffset >= fetchOffset && header.baseOffset < endOffset;
    if (isVisible && isWanted) {
      const unpackedBytes = batchUnpackedBytes(bytes, at);
      const isPacked = unpackedBytes > header.byteLength;
      const roomBytes = isPacked ? unpackedBytes : 0;
      const chunk = openChunk(chunks, { set, roomBytes });
      chunk.starts.push(at);
      chunk.unpackedBytes += unpackedBytes;
      chunk.byteLength += header.byteLength;
      chunk.count += readRecordCount(bytes, at);
    }
    nextOffset = Math.max(nextOffset, header.lastOffset + 1);
    leaderEpoch = readLeaderEpoch(bytes, at);
    at += header.byteLength;
  }
  return { chunks, nextOffset, leaderEpoch };
}

/** The chunk for the next batch, in which there must be room for so much. */
function openChunk(
  chunks: RecordChunk[],
  { set, roomBytes }: { readonly set: RecordSet; readonly roomBytes: number },
): RecordChunk {
  const { chunkBytes, chunkRecords } = set;
  const last = chunks.at(-1);
  const isOpen =
    last !== undefined &&
    last.unpackedBytes < chunkBytes &&
    last.unpackedBytes + roomBytes <= chunkBytes &&
    last.count < chunkRecords;
  if (isOpen) return last;
  const chunk = { starts: [], byteLength: 0, unpackedBytes: 0, count: 0 };
  chunks.push(chunk);
  return chunk;
}

function isWhole(bytes: Buffer, at: number, end: number): boolean {
  // The format's number stands in the same place in all of them, and older
  // ones can be shorter than a header of ours.
  if (end - at > 16 && readMagic(bytes, at) !== MAGIC) {
    throw new WorldError(
      `Cannot read record batch: its format is ${readMagic(bytes, at)}, ` +
        `expected ${MAGIC} (Kafka 0.11 or newer)`,
    );
  }
  if (end - at < HEADER_BYTES) return false;
  const byteLength = batchByteLength(bytes, at);
  if (byteLength < HEADER_BYTES) {
    throw new WorldError(
      `Cannot read record batch: its length is ${byteLength} bytes, ` +
        `expected at least ${HEADER_BYTES}`,
    );
  }
  return byteLength <= end - at;
}
