import type { ChunkPlace } from "../record/chunk.ts";
import { RecordWalker } from "../record/record_walker.ts";
import { shownBytes } from "../record/shown_bytes.ts";
import { readLogRecord } from "./log_record.ts";
import { decodeMark, MARK_BYTE } from "./mark.ts";

/**
 * What is wrong with the first record of a window log, before an offset, that is
 * none of this version; null: all are. Throws what is damaged.
 */
export function findForeignRecord(
  place: ChunkPlace,
  before: number,
): string | null {
  const walker = new RecordWalker();
  walker.open(place);
  while (walker.next() && walker.offset < before) {
    const { valueStart, valueLength } = walker.record;
    const end = valueStart + Math.max(0, valueLength);
    const value = walker.bytes.subarray(valueStart, end);
    if (isOfLog(value)) continue;
    const { topic, partition } = place;
    return (
      `Cannot read window log ${topic}[${partition}] at ${walker.offset}: ` +
      `${shownBytes(value)} is no record of a window log that this version ` +
      "knows; another program has written it, or a newer version, which reads it"
    );
  }
  return null;
}

function isOfLog(value: Buffer): boolean {
  if (value[0] !== MARK_BYTE) return readLogRecord(value) !== null;
  try {
    decodeMark(value, "a mark");
    return true;
  } catch {
    return false;
  }
}
