import { newCursor, type RecordBatch } from "../../src/record/record_batch.ts";

/** A record, copied out of its frame. */
export interface WalkedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestampMs: number;
}

/** Copies out the records that are left in a batch, without releasing it. */
export function walkRecords(batch: RecordBatch): WalkedRecord[] {
  const cursor = newCursor();
  const { partition } = batch;
  const records: WalkedRecord[] = [];
  while (batch.next(cursor)) {
    const { bytes, offset, timestampMs } = cursor;
    const key = text(bytes, cursor.keyStart, cursor.keyLength);
    const value = text(bytes, cursor.valueStart, cursor.valueLength);
    records.push({ partition, offset, key, value, timestampMs });
  }
  return records;
}

function text(bytes: Buffer, start: number, length: number): string | null {
  return length < 0 ? null : bytes.toString("utf8", start, start + length);
}
