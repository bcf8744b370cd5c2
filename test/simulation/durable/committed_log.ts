import assert from "node:assert/strict";
import { LogExtent } from "../../../src/checkpoint/log_extent.ts";
import { LogMarks } from "../../../src/checkpoint/log_marks.ts";
import { decodeMetadata } from "../../../src/checkpoint/offset_metadata.ts";
import { chunkOfBytes } from "../../support/built_chunk.ts";
import type { ModelKafka } from "../kafka/model_kafka.ts";
import { GROUP } from "./durable_process.ts";
import { LOG_TOPIC } from "./model_durable.ts";

/** The batches of the window log that a partition's committed offset stands on. */
export function committedLog(kafka: ModelKafka, partition: number): Buffer[] {
  const { metadata } = kafka.group(GROUP).offsets.committed.get(partition)!;
  const { from, end } = decodeMetadata(metadata)!;
  const log = kafka.partition(LOG_TOPIC, partition);
  assert.ok(from >= log.startOffset, `log ${partition} lacks its beginning`);
  const batches: Buffer[] = [];
  for (const { baseOffset, endOffset, bytes, outcome } of log.entries) {
    if (bytes === null || outcome !== "committed") continue;
    if (endOffset <= from || baseOffset >= end) continue;
    assert.ok(baseOffset >= from && endOffset <= end, "a batch is cut");
    batches.push(bytes);
  }
  return batches;
}

/** Which of the topics of that name a partition's committed offset is of. */
export function committedTopicId(
  kafka: ModelKafka,
  partition: number,
): string | null {
  const batches = committedLog(kafka, partition);
  const extent = new LogExtent(partition, { from: 0, end: 0 });
  const marks = new LogMarks(LOG_TOPIC, extent);
  marks.read(chunkOfBytes(batches, { partition }));
  return marks.last?.topicId ?? null;
}
