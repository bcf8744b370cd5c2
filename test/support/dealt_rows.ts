import assert from "node:assert/strict";
import type { ChunkPlace } from "../../src/record/chunk.ts";
import type {
  ChunkScanner,
  ScanAnswer,
  ScanMessage,
} from "../../src/window/chunk_scanner.ts";
import {
  countRowParts,
  type RowPart,
  type RowParts,
  rowPartAt,
} from "../../src/window/row_part.ts";

/** The parts of a task. */
export function rowPartsOf(rows: RowParts): RowPart[] {
  const parts = { length: countRowParts(rows) };
  return Array.from(parts, (_, index) => rowPartAt(rows, index));
}

/** The parts that a scan has made for each shard, as main would hand them on. */
export function partsOf(
  message: ScanMessage,
  answer: ScanAnswer,
  shardCount: number,
): RowPart[][] {
  const parts: RowPart[][] = Array.from({ length: shardCount }, () => []);
  const { groups } = answer;
  assert.equal(groups.length % 4, 0);
  const records =
    message.records === null ? null : (answer.records ?? message.chunk.memory);
  for (let at = 0; at < groups.length; at += 4) {
    parts[groups[at]!]!.push({
      partition: message.chunk.partition,
      memory: answer.out ?? message.out,
      at: groups[at + 1]!,
      byteLength: groups[at + 2]!,
      count: groups[at + 3]!,
      records,
    });
  }
  return parts;
}

/** Scans a chunk, in a room of so many bytes, into parts for each shard. */
export function scanParts(
  scanner: ChunkScanner,
  chunk: ChunkPlace,
  options: { shardCount: number; outBytes?: number; nowMs?: number },
): RowPart[][] {
  const { shardCount, outBytes = 1 << 20, nowMs = 0 } = options;
  const message: ScanMessage = {
    chunk,
    nowMs,
    out: new SharedArrayBuffer(outBytes),
    records: new SharedArrayBuffer(outBytes),
  };
  return partsOf(message, scanner.scan(message), shardCount);
}
