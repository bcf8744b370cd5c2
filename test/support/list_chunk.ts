import type { Chunk } from "../../src/record/chunk.ts";
import { ChunkWriter } from "../../src/record/chunk_writer.ts";
import { FramePool } from "../../src/record/frame_pool.ts";

const POOL = new FramePool();

/** A chunk of records without keys and times, with offsets in a row. */
export function listChunk(
  values: readonly string[],
  place: { readonly partition: number; readonly baseOffset: number },
): Chunk {
  const { partition, baseOffset } = place;
  const bounds = { chunkBytes: Number.POSITIVE_INFINITY, recordsMax: null };
  const writer = new ChunkWriter(POOL, { partition, ...bounds });
  const bytes = Buffer.from(values.join(""));
  writer.expect(bytes.length + 100 * (values.length + 1));
  let valueStart = 0;
  for (const [index, value] of values.entries()) {
    const valueLength = Buffer.byteLength(value);
    writer.add({
      ...{ bytes, keyStart: 0, keyLength: -1, valueStart, valueLength },
      ...{ offset: baseOffset + index, timestampMs: -1 },
    });
    valueStart += valueLength;
  }
  const chunk = writer.take(0);
  if (chunk === null) throw new Error("Cannot make chunk: it has no records");
  return chunk;
}
