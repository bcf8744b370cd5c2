import { batchByteLength, readInt64 } from "./batch_header_reader.ts";
import type { Chunk } from "./chunk.ts";
import { countWanted } from "./frame_chunk.ts";

/**
 * Cuts a chunk behind the batch that brings so many wanted records: into what is
 * in front of the cut, and the rest, null when there is none. They take the
 * place of the chunk, which is released with the last of them.
 */
export function cutChunk(
  chunk: Chunk,
  records: number,
): [head: Chunk, rest: Chunk | null] {
  const { bytes, starts, partition, firstOffset, endOffset } = chunk;
  const memory = bytes.buffer as SharedArrayBuffer;
  // Its batches were counted before, so none is corrupt in a way that shows.
  const batches = { topic: "", partition, firstOffset, endOffset };
  let count = 0;
  let byteLength = 0;
  let cut = 0;
  while (cut < starts.length && (count < records || cut === 0)) {
    count += countWanted({ bytes, memory }, batches, starts[cut]!);
    byteLength += batchByteLength(bytes, starts[cut]!);
    cut++;
  }
  if (cut === starts.length) return [chunk, null];
  let holders = 2;
  const release = () => {
    if (--holders === 0) chunk.release();
  };
  const head = { ...chunk, starts: starts.slice(0, cut), release };
  const rest = { ...chunk, starts: starts.slice(cut), release };
  return [
    { ...head, count, byteLength },
    {
      ...rest,
      count: chunk.count - count,
      byteLength: chunk.byteLength - byteLength,
    },
  ];
}

/** The offset from which on the chunk has what is wanted. */
export function firstOffsetOf({ bytes, starts, firstOffset }: Chunk): number {
  return Math.max(firstOffset, readInt64(bytes, starts[0]!));
}
