import { type EncodedFields, FieldWriter } from "../../kafka/fields.ts";
import { encodeFetchRequest } from "../../kafka/private/fetch_seam.ts";
import { FramePool } from "../../record/frame_pool.ts";
import {
  MAX_RESPONSE_BYTES,
  type PartitionPosition,
} from "./partition_position.ts";

/** Names the topic; a broker may read on in another topic of that name. */
export const FETCH_BY_NAME = 11;
/** Names the topic by its id, and what was read by its leader epoch. */
export const FETCH_BY_ID = 13;

const FETCH_API_KEY = 1;
/** How long the broker may wait for a first record, ms. */
export const MAX_WAIT_MS = 200;
/** Memory of a full answer, which is a bit more than its records. */
const FRAME_BYTES = 2816 * 1024;
/** Memory for answers to fetches of little, and to all other requests. */
const SMALL_FRAMES_BYTES = 1024 * 1024;
const READ_COMMITTED = 1;
const NONE = -1;

/** What topic is asked for. */
export interface FetchedTopic {
  readonly name: string;
  /** null: not known, so the name has to do. */
  readonly id: string | null;
}

/** Memory that is enough for so many answers at a time. */
export function answerPool(framesMax: number): FramePool {
  return new FramePool(framesMax * FRAME_BYTES + SMALL_FRAMES_BYTES);
}

/** Asks, in the version given, for records from the given positions on. */
export function fetchRequest(
  { name, id }: FetchedTopic,
  version: number,
  positions: readonly PartitionPosition[],
): unknown {
  if (version === FETCH_BY_ID) {
    return {
      apiKey: FETCH_API_KEY,
      apiVersion: FETCH_BY_ID,
      apiName: "Fetch",
      encode: async () => encodeFetchById(id!, positions),
    };
  }
  const partitions = positions.map(({ partition, offset, maxBytes }) => ({
    partition,
    fetchOffset: offset,
    maxBytes,
  }));
  return encodeFetchRequest({
    replicaId: NONE,
    maxWaitTime: MAX_WAIT_MS,
    minBytes: 1,
    maxBytes: MAX_RESPONSE_BYTES,
    isolationLevel: READ_COMMITTED,
    topics: [{ topic: name, partitions }],
  });
}

/** A fetch request (v13). */
export function encodeFetchById(
  topicId: string,
  positions: readonly PartitionPosition[],
): EncodedFields {
  const writer = new FieldWriter();
  writer.int32(NONE).int32(MAX_WAIT_MS).int32(1).int32(MAX_RESPONSE_BYTES);
  writer.int8(READ_COMMITTED);
  writer.int32(0).int32(NONE); // This client keeps no fetch sessions.
  writer.compactLength(1).topicId(topicId).compactLength(positions.length);
  for (const { partition, offset, leaderEpoch, maxBytes } of positions) {
    writer.int32(partition).int32(NONE).int64(offset);
    // The broker checks that its log has what we read before this offset.
    writer.int32(leaderEpoch).int64(NONE).int32(maxBytes).noTags();
  }
  writer.noTags();
  // No forgotten topics, no rack.
  return writer.compactLength(0).compactString("").noTags().encoded();
}
