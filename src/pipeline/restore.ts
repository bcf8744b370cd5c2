import { publishPoint } from "../checkpoint/commit_points.ts";
import { type Job, jobDifferences } from "../checkpoint/job_fingerprint.ts";
import { LogExtent, type LogLimits } from "../checkpoint/log_extent.ts";
import { LogMarks } from "../checkpoint/log_marks.ts";
import type { Mark } from "../checkpoint/mark.ts";
import {
  committerOf,
  decodeMetadata,
  type OffsetMetadata,
} from "../checkpoint/offset_metadata.ts";
import { WorldError } from "../errors.ts";
import type { CommittedOffset } from "../kafka/committed_offsets.ts";
import type { LogBounds } from "../kafka/window_log_topic.ts";
import { countText } from "../observe/number_text.ts";
import type { Chunk } from "../record/chunk.ts";
import type { LogRange } from "../source/kafka/log_reader.ts";
import type { RestoredTime } from "../watermark/shared_time.ts";
import { Ledger } from "./ledger.ts";

/** Where windows come back from. */
export interface RestoreWorld {
  /** The input. */
  readonly topic: string;
  readonly group: string;
  readonly logTopic: string;
  readonly job: Job;
  /** What the group has committed, when that is stable. */
  committed(
    partitions: readonly number[],
    transactionalIdOf: (metadata: string) => string | null,
  ): Promise<ReadonlyMap<number, CommittedOffset>>;
  /** Where the log of each partition begins and ends now. */
  logBounds(
    partitions: readonly number[],
  ): Promise<ReadonlyMap<number, LogBounds>>;
  /** Reads exactly these ranges; `take` releases the chunk. */
  readLog(
    ranges: readonly LogRange[],
    take: (chunk: Chunk) => Promise<void>,
  ): Promise<void>;
  /** Has the shards take the windows of a chunk, and releases it. */
  restore(chunk: Chunk): Promise<void>;
  readonly warn: (text: string) => void;
  /** When the log of a partition is renewed; as usual if left out. */
  readonly logLimits?: LogLimits;
}

/** What is to be restored. */
export interface RestoreRequest {
  readonly partitions: readonly number[];
  /** The input, by its id; null where Kafka has none. */
  readonly topicId: string | null;
  /** Those of them whose commits do not count any more. */
  readonly voided: readonly number[];
}

/** How one partition goes on. */
export interface Restored {
  readonly ledger: Ledger;
  /** The transactional id of the last committer; null for none. */
  readonly by: string | null;
}

/** Where one partition's windows are, by its committed offset. */
interface Plan {
  readonly partition: number;
  readonly offset: number | null;
  readonly by: string | null;
  readonly extent: LogExtent;
  /** What is to be read of the log. */
  readonly range: LogRange;
  /** True when the end is that of a mark. */
  readonly endsAtMark: boolean;
}

/**
 * Has the shards take back the windows of the partitions, from what was
 * committed of them, and says how each goes on. Throws a `WorldError` when what
 * is there cannot be gone on with.
 */
export async function restoreWindows(
  request: RestoreRequest,
  world: RestoreWorld,
): Promise<Restored[]> {
  publishPoint("restore", "before");
  const plans = await makePlans(request, world);
  const marks = new Map<number, LogMarks>();
  for (const { partition, extent } of plans) {
    marks.set(partition, new LogMarks(world.logTopic, extent));
  }
  await world.readLog(
    plans.map(({ range }) => range),
    async (chunk) => {
      marks.get(chunk.partition)!.read(chunk);
      await world.restore(chunk);
    },
  );
  const restored = plans.map((plan) => {
    const found = marks.get(plan.partition)!;
    checkEnd(plan, found, world);
    if (found.last !== null) checkMark(found.last, plan, { request, world });
    return conclude(plan, found.last, world);
  });
  publishPoint("restore", "after");
  return restored;
}

/** The time that the restored partitions go on at. */
export function restoredTime(ledgers: Iterable<Ledger>): RestoredTime {
  let watermarkMs = Infinity;
  const clocks = new Map<number, number>();
  for (const { partition, mark } of ledgers) {
    // One of which nothing is known holds all back until it is heard.
    watermarkMs = Math.min(watermarkMs, mark?.watermarkMs ?? -Infinity);
    if (mark !== null) clocks.set(partition, mark.clockMs);
  }
  return {
    watermarkMs: watermarkMs === Infinity ? -Infinity : watermarkMs,
    clocks,
  };
}

async function makePlans(
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

function checkEnd(plan: Plan, marks: LogMarks, world: RestoreWorld): void {
  const { partition, range, endsAtMark } = plan;
  if (!endsAtMark || marks.lastOffset + 1 === range.end) return;
  throw new WorldError(
    `Cannot restore ${world.topic}[${partition}]: its window log ` +
      `"${world.logTopic}" has no mark at offset ${range.end - 1}, where the ` +
      `committed offset says that the log ends; ${anewText(world)}`,
  );
}

function checkMark(
  mark: Mark,
  { partition, offset }: Plan,
  { request, world }: { request: RestoreRequest; world: RestoreWorld },
): void {
  const place = `${world.topic}[${partition}]`;
  const { topicId } = request;
  const refuse = (what: string, remedy: string) =>
    new WorldError(
      `Cannot restore ${place}: ${what}; ${remedy}${anewText(world)}`,
    );
  if (topicId !== null && mark.topicId !== null && topicId !== mark.topicId) {
    const what =
      `its windows and offset are of a topic "${world.topic}" that was ` +
      "deleted, another one has the name now";
    throw refuse(what, "");
  }
  const differences = jobDifferences(mark.job, world.job);
  if (differences.length > 0) {
    const what = `its windows were made by other rules: ${differences.join(", ")}`;
    throw refuse(what, "run with the former ones, or ");
  }
  if (offset !== null && offset !== mark.offset) {
    const what =
      `its committed offset is ${offset}, but its windows are those of ` +
      `offset ${mark.offset}`;
    throw refuse(what, "");
  }
}

function anewText({ group }: RestoreWorld): string {
  return `start anew with: sessionmill state reset --group ${group}`;
}

function conclude(
  plan: Plan,
  mark: Mark | null,
  world: RestoreWorld,
): Restored {
  const { partition, extent, by } = plan;
  let { offset } = plan;
  if (offset === null && mark !== null) {
    offset = mark.offset;
    world.warn(
      `No offset is committed for ${world.topic}[${partition}] any more, as ` +
        "after a long stop: it goes on at offset " +
        `${countText(offset)}, where its window log ends`,
    );
  }
  return { ledger: new Ledger(partition, { offset, mark, extent }), by };
}
