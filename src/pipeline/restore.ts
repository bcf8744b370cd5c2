import { publishPoint } from "../checkpoint/commit_points.ts";
import { jobDifferences } from "../checkpoint/job_fingerprint.ts";
import { LogMarks } from "../checkpoint/log_marks.ts";
import { isOfOtherTopic, type Mark } from "../checkpoint/mark.ts";
import { committerOf, decodeMetadata } from "../checkpoint/offset_metadata.ts";
import { RecoverableError, WindowLogError, WorldError } from "../errors.ts";
import { countText } from "../observe/number_text.ts";
import type { Chunk } from "../record/chunk.ts";
import type { RestoredTime } from "../watermark/shared_time.ts";
import { Ledger } from "./ledger.ts";
import { assertOwnLog, assertUnshared, checkTails } from "./log_owner.ts";
import { makePlans, type Plan } from "./restore_plan.ts";
import type { RestoreRequest, RestoreWorld } from "./restore_world.ts";

/** Chunks of the log that the shards are given while others are on their way. */
const CHUNKS_AHEAD = 2;

/** How one partition goes on. */
export interface Restored {
  readonly ledger: Ledger;
  /** The transactional id of the last committer; null for none. */
  readonly by: string | null;
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
  for (const { partition, extent, isCommitted } of plans) {
    const assertOwn = isCommitted ? assertUnshared : assertOwnLog;
    const check = (mark: Mark) => assertOwn(mark, world);
    marks.set(partition, new LogMarks(world.logTopic, extent, check));
  }
  try {
    await readWindows(plans, marks, world);
  } catch (error) {
    throw (await hasMovedOn(plans, world)) ? movedOn(world) : error;
  }
  const committed = plans.filter(({ isCommitted }) => isCommitted);
  await checkTails(
    committed.map(({ range }) => range),
    world,
  );
  const others = plans
    .filter(({ partition }) => {
      const { last } = marks.get(partition)!;
      return last !== null && isOfOtherTopic(last, request.topicId);
    })
    .map(({ partition }) => partition);
  if (others.length > 0) await checkOwnTopic(request, world);
  if (others.length > 0 && world.onNewTopic === "drop") {
    world.warn(
      `What is committed of "${world.topic}" is of a topic that was deleted: ` +
        "its open sessions are dropped, the new one is read from its start",
    );
    world.clear();
    const voided = [...request.voided, ...others];
    return await restoreWindows({ ...request, voided }, world);
  }
  const restored = plans.map((plan) => {
    const found = marks.get(plan.partition)!;
    checkEnd(plan, found, world);
    if (found.last !== null) checkMark(found.last, plan, { request, world });
    return conclude(plan, found.last, world);
  });
  publishPoint("restore", "after");
  return restored;
}

async function readWindows(
  plans: readonly Plan[],
  marks: ReadonlyMap<number, LogMarks>,
  world: RestoreWorld,
): Promise<void> {
  // Oldest first: the shards take chunks in the order in which they are given.
  const taking: Promise<void>[] = [];
  const take = async (chunk: Chunk) => {
    marks.get(chunk.partition)!.read(chunk);
    const taken = world.restore(chunk);
    // Who waits for it, hears of its failure.
    taken.catch(() => {});
    if (taking.push(taken) > CHUNKS_AHEAD) await taking.shift();
  };
  try {
    await world.readLog(
      plans.map(({ range }) => range),
      take,
    );
  } catch (error) {
    // What the shards have found comes before it in the log.
    if (error instanceof WindowLogError) await Promise.all(taking);
    throw error;
  }
  await Promise.all(taking);
}

/**
 * True when somebody has committed since the plans were made: who was asleep may
 * take partitions to be its own that another member has, and cuts the log of.
 */
async function hasMovedOn(
  plans: readonly Plan[],
  world: RestoreWorld,
): Promise<boolean> {
  const known = plans.filter(({ endsAtMark }) => endsAtMark);
  const partitions = known.map(({ partition }) => partition);
  const committed = await world.committed(partitions, committerOf);
  return known.some(({ partition, range }) => {
    const { metadata = "" } = committed.get(partition) ?? {};
    return decodeMetadata(metadata)?.end !== range.end;
  });
}

function movedOn({ topic }: RestoreWorld): RecoverableError {
  return new RecoverableError(
    `Cannot restore "${topic}": another process has committed meanwhile, its ` +
      "partitions are given out anew",
  );
}

/**
 * Throws a `RecoverableError` where the name belongs to another topic by now: then
 * it is the one known here that was deleted, and the commit is of the new one.
 */
async function checkOwnTopic(
  { topicId }: RestoreRequest,
  { topic, topicIdNow }: RestoreWorld,
): Promise<void> {
  if ((await topicIdNow()) === topicId) return;
  throw new RecoverableError(
    `Cannot restore "${topic}": it was deleted and created anew, and others have ` +
      "committed of the new one before that was known here",
  );
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
  const refuse = (what: string, remedy: string) =>
    new WorldError(
      `Cannot restore ${place}: ${what}; ${remedy}${anewText(world)}`,
    );
  if (isOfOtherTopic(mark, request.topicId)) {
    const what =
      mark.topic === null
        ? `its windows and offset are of another topic than "${world.topic}" is ` +
          "now: that was deleted and created anew, or they are those of another job"
        : `its windows and offset are of a topic "${world.topic}" that was ` +
          "deleted, another one has the name now";
    throw refuse(what, "drop them with --on-new-topic drop, or ");
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

/** What is wrong with the log, with what helps: who reads it can only name it. */
export function restoreFailure(
  error: unknown,
  world: Pick<RestoreWorld, "resetCommand" | "logTopic">,
): unknown {
  if (!(error instanceof WindowLogError)) return error;
  const text = `${error.message}; ${anewText(world)}`;
  return new WorldError(text, { cause: error });
}

function anewText({
  resetCommand,
  logTopic,
}: Pick<RestoreWorld, "resetCommand" | "logTopic">): string {
  return `start anew with: ${resetCommand(logTopic)}`;
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
