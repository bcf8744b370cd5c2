import { LogExtent } from "../checkpoint/log_extent.ts";
import {
  committerOf,
  decodeMetadata,
  type OffsetMetadata,
} from "../checkpoint/offset_metadata.ts";
import type { LogRange } from "../source/kafka/log_reader.ts";
import type { RestoreRequest, RestoreWorld } from "./restore_world.ts";

/** Where one partition's windows are, by its committed offset. */
export interface Plan {
  readonly partition: number;
  readonly offset: number | null;
  readonly by: string | null;
  readonly extent: LogExtent;
  /** What is to be read of the log. */
  readonly range: LogRange;
  /** True when the end is that of a mark. */
  readonly endsAtMark: boolean;
}

/** Says where windows are, by what the group has committed. */
export async function makePlans(
  { partitions, voided }: RestoreRequest,
  world: RestoreWorld,
): Promise<Plan[]> {
  const committed = await world.committed(partitions, committerOf);
  const metadata = new Map<number, OffsetMetadata | null>();
  for (const partition of partitions) {
    const text = committed.get(partition)?.metadata ?? "";
    const isVoid = voided.includes(partition);
    metadata.set(partition, isVoid ? null : decodeMetadata(text));
  }
  const unknown = partitions.filter((each) => metadata.get(each) === null);
  const bounds = await world.logBounds(unknown);
  const { logLimits } = world;
  return partitions.map((partition) => {
    const offset = committed.get(partition)?.offset ?? null;
    const known = metadata.get(partition) ?? null;
    if (known !== null && offset !== null) {
      const { from, end, by } = known;
      const extent = new LogExtent(partition, { from, end }, logLimits);
      const range = { partition, from, end };
      return { partition, offset, by, extent, range, endsAtMark: from < end };
    }
    const { earliest: from, end } = bounds.get(partition)!;
    const isExpired = offset === null && !voided.includes(partition);
    if (isExpired) {
      // The offsets of a group that was away for long are gone, its log is not.
      const extent = new LogExtent(partition, { from, end }, logLimits);
      const range = { partition, from, end };
      return { partition, offset, by: null, extent, range, endsAtMark: false };
    }
    if (!voided.includes(partition))
      tellForeignOffset(partition, offset!, world);
    const extent = new LogExtent(partition, { from: end, end }, logLimits);
    const range = { partition, from: end, end };
    const start = voided.includes(partition) ? null : offset;
    return {
      partition,
      offset: start,
      by: null,
      extent,
      range,
      endsAtMark: false,
    };
  });
}

function tellForeignOffset(
  partition: number,
  offset: number,
  { topic, group, warn }: RestoreWorld,
): void {
  warn(
    `The offset ${offset} of ${topic}[${partition}] in group "${group}" was ` +
      "committed by another program: it is read from there, without open windows",
  );
}
