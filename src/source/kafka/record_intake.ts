import { wallClockMs } from "../../clock.ts";
import { readHeader } from "../../record/batch_header_reader.ts";
import { fetchedChunk } from "../../record/frame_chunk.ts";
import type { Frame } from "../../record/frame_pool.ts";
import { scanRecordSet } from "../../record/record_set.ts";
import type { EventQueue } from "./event_queue.ts";
import type { PartitionAnswer } from "./fetch_response.ts";
import type { PartitionPosition } from "./partition_position.ts";

/**
 * Bytes of records that the pipeline gets at once, packed ones as they claim to
 * unpack to. An event costs some 0.05 ms; between two of them it may pause.
 */
export const CHUNK_BYTES = 2816 * 1024;
/** Records likewise: small ones are more work a byte. */
const CHUNK_RECORDS = 8192;

/** Where the records of an answer come from and go to. */
export interface RecordIntake {
  readonly topic: string;
  readonly frame: Frame;
  readonly queue: EventQueue;
}

/**
 * Moves `position` past an answer without an error, and queues the records in
 * it. Throws a `WorldError` for records in a format that cannot be read, and for
 * some that are corrupt; others are only found out when they are read.
 */
export function takeRecords(
  position: PartitionPosition,
  answer: PartitionAnswer,
  { topic, frame, queue }: RecordIntake,
): void {
  const { partition, offset: firstOffset, endOffset } = position;
  const { chunks, nextOffset, leaderEpoch } = scanRecordSet({
    bytes: frame.bytes,
    start: answer.start,
    end: answer.end,
    aborted: answer.aborted,
    fetchOffset: firstOffset,
    endOffset,
    chunkBytes: CHUNK_BYTES,
    chunkRecords: CHUNK_RECORDS,
  });
  const fetchedAtMs = wallClockMs();
  if (position.unreadChunks === 0) position.takenOffset = firstOffset;
  for (const [index, { starts, byteLength }] of chunks.entries()) {
    const chunk = fetchedChunk(frame, {
      ...{ topic, partition, fetchedAtMs },
      ...{ starts, byteLength, firstOffset, endOffset },
    });
    const next = chunks[index + 1]?.starts[0];
    queue.pushRecords(
      { kind: "records", chunk },
      position,
      next === undefined
        ? nextOffset
        : readHeader(frame.bytes, next).baseOffset,
    );
  }
  position.offset = nextOffset;
  if (leaderEpoch >= 0) position.leaderEpoch = leaderEpoch;
  position.highWatermark = answer.highWatermark;
  position.lastStableOffset = answer.lastStableOffset;
  position.answeredAtMs = fetchedAtMs;
  if (position.finish()) queue.pushFinished(position);
}
