import {
  readInt64,
  readLastOffset,
  readMaxTimestamp,
  readRecordCount,
} from "./batch_header_reader.ts";
import type { Chunk, ChunkPlace } from "./chunk.ts";
import type { Frame } from "./frame_pool.ts";
import { RecordWalker } from "./record_walker.ts";

/** A chunk without what it knows by itself. */
export type ChunkFields = Omit<Chunk, "bytes" | "release">;

/** What is known of batches before their headers are looked at. */
export type FetchedBatches = Omit<ChunkFields, "newestMs" | "count" | "isOwn">;

/** A chunk that takes over one hold of the frame. */
export function frameChunk(frame: Frame, fields: ChunkFields): Chunk {
  let isReleased = false;
  const release = () => {
    if (isReleased) {
      throw new Error("Cannot release chunk: it was released before");
    }
    isReleased = true;
    frame.release();
  };
  return { ...fields, bytes: frame.bytes, release };
}

/**
 * The batches of a fetched frame as a chunk, which holds the frame from here
 * on. They are counted by their headers; one that is partly wanted and has gaps
 * is unpacked for it. Throws a `WorldError` when such a one is corrupt.
 */
export function fetchedChunk(
  frame: Frame,
  batches: FetchedBatches & { readonly topic: string },
): Chunk {
  let count = 0;
  let newestMs = -1;
  for (const start of batches.starts) {
    count += countWanted(frame, batches, start);
    newestMs = Math.max(newestMs, readMaxTimestamp(frame.bytes, start));
  }
  frame.retain();
  const { topic: _, ...fields } = batches;
  return frameChunk(frame, { ...fields, newestMs, count, isOwn: false });
}

/** Records of the batch at `start` that are wanted. Throws like `fetchedChunk`. */
export function countWanted(
  frame: Pick<Frame, "bytes" | "memory">,
  batches: Omit<ChunkPlace, "memory" | "starts" | "isOwn">,
  start: number,
): number {
  const { bytes } = frame;
  const first = readInt64(bytes, start);
  const last = readLastOffset(bytes, start);
  const count = readRecordCount(bytes, start);
  const from = Math.max(first, batches.firstOffset);
  const to = Math.min(last, batches.endOffset - 1);
  if (count === 0 || (from === first && to === last)) return count;
  // Without gaps, the offsets tell.
  if (count === last - first + 1) return Math.max(0, to - from + 1);
  const walker = new RecordWalker();
  const { topic, partition, firstOffset, endOffset } = batches;
  walker.open({
    ...{ topic, partition, firstOffset, endOffset },
    memory: frame.memory,
    starts: Int32Array.of(start),
    isOwn: false,
  });
  let wanted = 0;
  while (walker.next()) wanted++;
  return wanted;
}
