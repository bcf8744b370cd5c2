import { readLogRecord } from "../checkpoint/log_record.ts";
import { decodeMark, MARK_BYTE, type Mark } from "../checkpoint/mark.ts";
import { WorldError } from "../errors.ts";
import { type Chunk, placeOf } from "../record/chunk.ts";
import { RecordWalker } from "../record/record_walker.ts";
import type { StateLog, StateQuery } from "./group_offsets.ts";
import { MarkOwners, NotOwnError } from "./mark_owners.ts";
import { withWholeLog } from "./whole_log.ts";

/** A log that is to be emptied. */
export interface EmptiedLog {
  readonly partitions: readonly number[];
  /** The group's commits name it: it may be damaged, but is no other topic. */
  readonly isNamed: boolean;
}

/**
 * Reads the whole window log. Throws a `WorldError` when it holds what is not of
 * the group in its topic: windows of another one, or no windows at all.
 */
export async function assertOwnRecords(
  query: StateQuery,
  { partitions, isNamed }: EmptiedLog,
  log: StateLog,
): Promise<void> {
  const owners = new MarkOwners(query, isNamed);
  try {
    await withWholeLog(query, { partitions, log }, ({ read }) =>
      read((chunk) => assertWindows(chunk, { query, isNamed, owners })),
    );
    owners.assertOwn();
  } catch (error) {
    if (error instanceof NotOwnError || !(error instanceof WorldError)) {
      throw error;
    }
    // What was read of it may be another's, whatever comes behind.
    owners.assertOwn();
    // To be rid of a log that cannot be read is what a reset is for.
    if (!isNamed) throw unreadable(error, query);
  }
}

function assertWindows(
  chunk: Chunk,
  {
    query,
    isNamed,
    owners,
  }: { query: StateQuery; isNamed: boolean; owners: MarkOwners },
): void {
  const walker = new RecordWalker();
  walker.open(placeOf(chunk, query.windowLog));
  while (walker.next()) {
    const { valueStart, valueLength } = walker.record;
    const end = valueStart + Math.max(0, valueLength);
    const value = walker.bytes.subarray(valueStart, end);
    const mark = markOf(value);
    if (mark === null) continue;
    if (mark !== undefined) owners.take(mark);
    else if (!isNamed) throw noWindows(chunk.partition, walker.offset, query);
  }
}

/** Null for another record of a window log, undefined for none. */
function markOf(value: Buffer): Mark | null | undefined {
  if (value[0] !== MARK_BYTE) {
    return readLogRecord(value) === null ? undefined : null;
  }
  try {
    return decodeMark(value, "a mark");
  } catch {
    return undefined;
  }
}

function noWindows(
  partition: number,
  offset: number,
  { kafka, windowLog }: StateQuery,
) {
  return new NotOwnError(
    `Cannot reset group "${kafka.group}": ${windowLog}[${partition}] at ` +
      `${offset} is no record of a window log that this version knows, and ` +
      "would be deleted; name the window log with --window-log, or delete " +
      `topic "${windowLog}" yourself`,
  );
}

function unreadable(cause: WorldError, { kafka, windowLog }: StateQuery) {
  return new WorldError(
    `Cannot reset group "${kafka.group}": whose windows "${windowLog}" holds ` +
      `cannot be told: ${cause.message}; name the window log with --window-log, ` +
      `or delete topic "${windowLog}" yourself`,
    { cause },
  );
}
