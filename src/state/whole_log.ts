import { createKafka } from "../kafka/client.ts";
import {
  createSendCluster,
  type SendCluster,
} from "../kafka/private/send_seam.ts";
import { readLogBounds } from "../kafka/window_log_topic.ts";
import type { Chunk } from "../record/chunk.ts";
import { type LogRange, readLog } from "../source/kafka/log_reader.ts";
import type { StateLog, StateQuery } from "./group_offsets.ts";

/** Answers of brokers that are held at a time. */
const FRAMES_MAX = 4;
const RETRIES = 5;

/** All that partitions of a window log have, without what is not committed yet. */
export interface WholeLog {
  readonly ranges: readonly LogRange[];
  /** Has each chunk looked at, in the order of its partition. */
  read(look: (chunk: Chunk) => void): Promise<void>;
  /** The brokers, for what else is asked of them. */
  readonly cluster: SendCluster;
}

/** Works with the whole window log of some partitions. Throws what the work throws. */
export async function withWholeLog<Result>(
  { kafka, windowLog: topic }: StateQuery,
  { partitions, log }: { partitions: readonly number[]; log: StateLog },
  work: (whole: WholeLog) => Promise<Result>,
): Promise<Result> {
  const cluster = createSendCluster(createKafka(kafka, { retries: RETRIES }));
  try {
    await cluster.brokerPool.connect();
    const bounds = await readLogBounds(cluster, topic, partitions);
    const ranges = [...bounds].map(([partition, { earliest: from, end }]) => {
      return { partition, from, end };
    });
    const options = { kafka, topic, framesMax: FRAMES_MAX, log };
    const read = (look: (chunk: Chunk) => void) =>
      readLog(options, ranges, async (chunk) => {
        try {
          look(chunk);
        } finally {
          chunk.release();
        }
      });
    return await work({ ranges, read, cluster });
  } finally {
    await cluster.disconnect();
  }
}
