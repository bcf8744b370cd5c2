import { LogBeginning } from "../checkpoint/log_beginning.ts";
import { LogExtent } from "../checkpoint/log_extent.ts";
import type { Mark } from "../checkpoint/mark.ts";
import {
  committerOf,
  decodeMetadata,
  type OffsetMetadata,
} from "../checkpoint/offset_metadata.ts";
import type { LogRange } from "../source/kafka/log_reader.ts";
import { tellForeignOffsets } from "./foreign_offsets.ts";
import { assertOwnLog } from "./log_owner.ts";
import { otherLog } from "./lost_log.ts";
import type { RestoreRequest, RestoreWorld } from "./restore_world.ts";

/** Where one partition's windows are, by its committed offset. */
export interface Plan {
  readonly partition: number;
  readonly offset: number | null;
  readonly by: string | null;
  readonly extent: LogExtent;
  /** What is to be read of the log. */
  readonly range: LogRange;
  /** True when the group has committed where the log ends, */
  readonly isCommitted: boolean;
  /** and a mark is there. */
  readonly endsAtMark: boolean;
}

/** Says where windows are, by what the group has committed. */
export async function makePlans(
  { partitions, voided }: RestoreRequest,
  world: RestoreWorld,
): Promise<Plan[]> {
  const committed = await world.committed(partitions, committerOf);
  const offsetOf = (partition: number) =>
    committed.get(partition)?.offset ?? null;
  const known = new Map<number, OffsetMetadata>();
  for (const partition of partitions) {
    if (voided.includes(partition) || offsetOf(partition) === null) continue;
    const metadata = decodeMetadata(committed.get(partition)!.metadata);
    if (metadata === null) continue;
    const { log } = metadata;
    if (log !== null && log !== world.logTopic) throw otherLog(log, world);
    known.set(partition, metadata);
  }
  const unknown = partitions.filter((each) => !known.has(each));
  const bounds = await world.logBounds(unknown);
  const isExpired = (each: number) =>
    offsetOf(each) === null && !voided.includes(each);
  const foreign = new Map<number, number>();
  for (const partition of unknown) {
    const offset = offsetOf(partition);
    const isVoid = voided.includes(partition);
    if (offset !== null && !isVoid) foreign.set(partition, offset);
  }
  await tellForeignOffsets(foreign, bounds, world);
  const beginnings = await findBeginnings(
    unknown.filter(isExpired).map((partition) => {
      const { earliest: from, end } = bounds.get(partition)!;
      return { partition, from, end };
    }),
    world,
  );
  const extentOf = (range: LogRange) => {
    const extent = new LogExtent(range.partition, range, world.logLimits);
    return { partition: range.partition, extent, range };
  };
  return partitions.map((partition) => {
    const metadata = known.get(partition);
    if (metadata !== undefined) {
      const { from, end, by } = metadata;
      const read = extentOf({ partition, from, end });
      const offset = offsetOf(partition);
      return { ...read, offset, by, isCommitted: true, endsAtMark: from < end };
    }
    const { end } = bounds.get(partition)!;
    const from = beginnings.get(partition) ?? end;
    const offset = foreign.get(partition) ?? null;
    const read = extentOf({ partition, from, end });
    const isCommitted = false;
    return { ...read, offset, by: null, isCommitted, endsAtMark: false };
  });
}

/**
 * Where in the logs of these partitions the windows begin that count. The offsets
 * of a group are gone when it was away for long, or when its topic was deleted;
 * its log is not, and windows of several topics may be in it one after the other.
 */
async function findBeginnings(
  logs: readonly LogRange[],
  world: RestoreWorld,
): Promise<ReadonlyMap<number, number>> {
  if (logs.length === 0) return new Map();
  const beginnings = new Map<number, LogBeginning>();
  for (const { partition, from } of logs) {
    const place = { topic: world.logTopic, partition, start: from };
    const check = (mark: Mark) => assertOwnLog(mark, world);
    beginnings.set(partition, new LogBeginning(place, check));
  }
  await world.readLog(logs, async (chunk) => {
    try {
      beginnings.get(chunk.partition)!.read(chunk);
    } finally {
      chunk.release();
    }
  });
  const froms = new Map<number, number>();
  for (const [partition, { from }] of beginnings) froms.set(partition, from);
  return froms;
}
