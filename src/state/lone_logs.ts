import { LogBeginning } from "../checkpoint/log_beginning.ts";
import { type Mark, otherOwner } from "../checkpoint/mark.ts";
import { WorldError } from "../errors.ts";
import type { SendCluster } from "../kafka/private/send_seam.ts";
import { readTopicState } from "../kafka/private/topic_seam.ts";
import { asAdmin, type StateLog, type StateQuery } from "./group_offsets.ts";
import type { CommittedLog } from "./log_account.ts";
import { withWholeLog } from "./whole_log.ts";

/** What a run finds beside what is committed. */
export interface LoneLogs {
  /** The input's id as brokers know it; null where they know of none. */
  readonly topicId: string | null;
  /** Where the windows are by the marks alone, of partitions that have any. */
  readonly places: ReadonlyMap<number, CommittedLog>;
}

/**
 * Looks for windows in the logs of partitions whose committed offset does not say
 * where they are, as a run does: the offset is gone, or another program's. Throws
 * a `WorldError` where they are those of another job, or cannot be read.
 */
export async function findLoneLogs(
  query: StateQuery,
  partitions: readonly number[],
  log: StateLog,
): Promise<LoneLogs> {
  return await withWholeLog(query, { partitions, log }, async (whole) => {
    const beginnings = new Map<number, LogBeginning>();
    for (const { partition, from: start } of whole.ranges) {
      const place = { topic: query.windowLog, partition, start };
      const check = (mark: Mark) => assertOwn(mark, query);
      beginnings.set(partition, new LogBeginning(place, check));
    }
    await whole.read((chunk) => beginnings.get(chunk.partition)!.read(chunk));
    const topicId = await topicIdNow(query, whole.cluster);
    return { topicId, places: placesOf(beginnings) };
  });
}

async function topicIdNow(
  query: StateQuery,
  cluster: SendCluster,
): Promise<string | null> {
  const { topic } = query;
  const topicOperations = ["Read", "Describe"];
  const deed = { doing: "look at", topic, topicOperations };
  return await asAdmin(query, deed, async () => {
    await cluster.brokerPool.refreshMetadata([topic]);
    return (await readTopicState(cluster, topic)).id;
  });
}

function placesOf(
  beginnings: ReadonlyMap<number, LogBeginning>,
): ReadonlyMap<number, CommittedLog> {
  const places = new Map<number, CommittedLog>();
  for (const [partition, { from, end, last }] of beginnings) {
    if (last === null) continue;
    const { offset, by, commit } = last;
    places.set(partition, { offset, from, end, by, commit });
  }
  return places;
}

function assertOwn(mark: Mark, { kafka, topic, windowLog }: StateQuery): void {
  const owner = otherOwner(mark, { topic, group: kafka.group });
  if (owner === null) return;
  throw new WorldError(
    `Cannot look at window log "${windowLog}": it is that of ${owner}; name the ` +
      `window log of "${topic}" and group "${kafka.group}" with --window-log`,
  );
}
