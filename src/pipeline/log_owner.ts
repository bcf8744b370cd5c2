import {
  groupText,
  isOfOtherGroup,
  type Mark,
  otherOwner,
} from "../checkpoint/mark.ts";
import { MarkWalker } from "../checkpoint/mark_walker.ts";
import { WindowLogError, WorldError } from "../errors.ts";
import type { Chunk } from "../record/chunk.ts";
import type { LogRange } from "../source/kafka/log_reader.ts";
import type { LogNames } from "./lost_log.ts";
import type { RestoreWorld } from "./restore_world.ts";

/** Records behind the last mark of a log that nobody else writes to: Kafka's own. */
const OWN_TAIL = 1;

/** The window log is that of another job. */
export class OtherOwnerError extends WorldError {}

/** Throws an `OtherOwnerError` for a mark of a job that reads another topic, or of another group. */
export function assertOwnLog(mark: Mark, names: LogNames): void {
  const { topic, group, logTopic } = names;
  if (mark.topic !== null && mark.topic !== topic) {
    throw new OtherOwnerError(
      `Cannot keep windows of "${topic}" in topic "${logTopic}": it is the window ` +
        `log of topic "${mark.topic}"; jobs that read different topics need one ` +
        "each: give this job another --group, or another --window-log",
    );
  }
  if (isOfOtherGroup(mark, group)) {
    throw new OtherOwnerError(
      `Cannot keep windows of group "${group}" in topic "${logTopic}": it is the ` +
        `window log of ${groupText(mark)}; each group needs its own: give this ` +
        "job another --window-log",
    );
  }
}

/** The same of a log that the group has committed open sessions to. */
export function assertUnshared(mark: Mark, names: LogNames): void {
  const { topic, group, logTopic, resetCommand } = names;
  const other = otherOwner(mark, names);
  if (other === null) return;
  throw new OtherOwnerError(
    `Cannot go on with window log "${logTopic}": group "${group}" has its open ` +
      `sessions of "${topic}" in it, and so has a job of ${other}; run with ` +
      "another --group and another --window-log, or stop both jobs, delete topic " +
      `"${logTopic}" and start each anew, this one with: ${resetCommand(logTopic)}`,
  );
}

/**
 * Looks at what the logs have behind their committed ends, where there is more
 * than Kafka writes: another group may have taken them for its own. Throws a
 * `WorldError` then.
 */
export async function checkTails(
  committed: readonly LogRange[],
  world: RestoreWorld,
): Promise<void> {
  if (committed.length === 0) return;
  const partitions = committed.map(({ partition }) => partition);
  const bounds = await world.logBounds(partitions);
  const tails: LogRange[] = [];
  for (const { partition, end: from } of committed) {
    const { end } = bounds.get(partition)!;
    if (end > from + OWN_TAIL) tails.push({ partition, from, end });
  }
  if (tails.length === 0) return;
  await lookThrough(tails, world, (chunk) => {
    const walker = new MarkWalker(world.logTopic, chunk.partition);
    walker.open(chunk);
    while (walker.next()) {
      if (walker.mark !== null) assertUnshared(walker.mark, world);
    }
  });
}

/**
 * Has parts of the log looked at that a restore does not need: false where they
 * are damaged. Throws the `OtherOwnerError` of who looks.
 */
export async function lookThrough(
  ranges: readonly LogRange[],
  world: Pick<RestoreWorld, "readLog">,
  look: (chunk: Chunk) => void,
): Promise<boolean> {
  try {
    await world.readLog(ranges, async (chunk) => {
      try {
        look(chunk);
      } catch (error) {
        throw error instanceof OtherOwnerError
          ? error
          : WindowLogError.from(error);
      } finally {
        chunk.release();
      }
    });
    return true;
  } catch (error) {
    if (error instanceof WindowLogError) return false;
    throw error;
  }
}
