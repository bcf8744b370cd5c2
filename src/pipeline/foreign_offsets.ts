import { LeftSessions } from "../checkpoint/left_sessions.ts";
import type { Mark } from "../checkpoint/mark.ts";
import type { LogBounds } from "../kafka/window_log_topic.ts";
import { thingsText } from "../observe/number_text.ts";
import type { LogRange } from "../source/kafka/log_reader.ts";
import { assertOwnLog, lookThrough } from "./log_owner.ts";
import type { RestoreWorld } from "./restore_world.ts";

/**
 * Warns of offsets that another program has committed, by partition, and of the
 * open sessions that are dropped with them. Throws a `WorldError` where the window
 * log is another job's.
 */
export async function tellForeignOffsets(
  offsets: ReadonlyMap<number, number>,
  bounds: ReadonlyMap<number, LogBounds>,
  world: RestoreWorld,
): Promise<void> {
  if (offsets.size === 0) return;
  const ranges = [...offsets.keys()].map((partition) => {
    const { earliest: from, end } = bounds.get(partition)!;
    return { partition, from, end };
  });
  const left = await countLeft(ranges, world);
  const { topic, group, warn } = world;
  for (const [partition, offset] of offsets) {
    const count = left?.get(partition)?.count ?? 0;
    const fate =
      count === 0
        ? "without open windows"
        : `which drops ${thingsText(count, "open session")} of its window log`;
    warn(
      `The offset ${offset} of ${topic}[${partition}] in group "${group}" was ` +
        `committed by another program: it is read from there, ${fate}`,
    );
  }
}

/** Null where it cannot be read: none of it is needed. */
async function countLeft(
  ranges: readonly LogRange[],
  world: RestoreWorld,
): Promise<ReadonlyMap<number, LeftSessions> | null> {
  const left = new Map<number, LeftSessions>();
  for (const { partition, from } of ranges) {
    const check = (mark: Mark) => assertOwnLog(mark, world);
    left.set(partition, new LeftSessions(world.logTopic, from, check));
  }
  const isWhole = await lookThrough(ranges, world, (chunk) =>
    left.get(chunk.partition)!.read(chunk),
  );
  return isWhole ? left : null;
}
