import assert from "node:assert/strict";
import { LogExtent } from "../../../src/checkpoint/log_extent.ts";
import { LogMarks } from "../../../src/checkpoint/log_marks.ts";
import { decodeMetadata } from "../../../src/checkpoint/offset_metadata.ts";
import type { Chunk } from "../../../src/record/chunk.ts";
import { chunkOfBytes } from "../../support/built_chunk.ts";
import type { ModelKafka } from "../kafka/model_kafka.ts";
import { GROUP } from "./durable_process.ts";
import { LOG_TOPIC } from "./model_durable.ts";

/** What a partition's committed offset needs of the window log; null: nothing. */
export function committedLog(
  kafka: ModelKafka,
  partition: number,
): Chunk | null {
  const { metadata } = kafka.group(GROUP).offsets.committed.get(partition)!;
  const { from, end } = decodeMetadata(metadata)!;
  const log = kafka.partition(LOG_TOPIC, partition);
  assert.ok(from >= log.startOffset, `log ${partition} lacks its beginning`);
  const batches: Buffer[] = [];
  for (const { baseOffset, endOffset, bytes, outcome } of log.entries) {
    if (bytes === null || outcome !== "committed") continue;
    if (endOffset > from && baseOffset < end) batches.push(bytes);
  }
  if (batches.length === 0) return null;
  const range = { partition, firstOffset: from, endOffset: end };
  return chunkOfBytes(batches, range);
}

/** Which of the topics of that name a partition's committed offset is of. */
export function committedTopicId(
  kafka: ModelKafka,
  partition: number,
): string | null {
  const log = committedLog(kafka, partition);
  if (log === null) return null;
  const extent = new LogExtent(partition, { from: log.firstOffset, end: 0 });
  const marks = new LogMarks(LOG_TOPIC, extent);
  marks.read(log);
  return marks.last?.topicId ?? null;
}
