import { isDeepStrictEqual } from "node:util";
import { isOfOtherTopic } from "../checkpoint/mark.ts";
import { decodeMetadata } from "../checkpoint/offset_metadata.ts";
import { stateCommand } from "../config/state_command.ts";
import { WindowLogError, WorldError } from "../errors.ts";
import { readLog } from "../source/kafka/log_reader.ts";
import {
  type Committed,
  type GroupOffsets,
  readGroupOffsets,
  type StateLog,
  type StateQuery,
} from "./group_offsets.ts";
import { type CommittedLog, LogAccount } from "./log_account.ts";
import { findLoneLogs } from "./lone_logs.ts";
import { assertNamedLog } from "./named_log.ts";
import type {
  LeftSessions,
  LogState,
  PartitionState,
  StateReport,
} from "./state_report.ts";

/** Answers of brokers that are held at a time. */
const FRAMES_MAX = 4;
/** A group that is at work may delete what is being read: then it is read again. */
const ATTEMPTS_MAX = 3;
const NOTHING = { topicId: null, places: new Map<number, CommittedLog>() };

/**
 * Reads what a group has committed, and its window log from the start to the
 * committed end; where none is committed any more, to its last mark. Nothing is
 * changed. Throws a `WorldError` when it cannot be read.
 */
export async function readState(
  query: StateQuery,
  log: StateLog,
): Promise<StateReport> {
  let offsets = await readGroupOffsets(query);
  for (let attempt = 1; ; attempt++) {
    try {
      return await reportOf(query, offsets, log).catch((error) => {
        throw readingFailure(error, query);
      });
    } catch (error) {
      const now = await readGroupOffsets(query);
      const hasMoved = !isDeepStrictEqual(now.committed, offsets.committed);
      if (!hasMoved || attempt === ATTEMPTS_MAX) throw error;
      offsets = now;
    }
  }
}

/** What cannot be read of the log, with what a run advises too. */
function readingFailure(error: unknown, query: StateQuery): unknown {
  if (!(error instanceof WindowLogError)) return error;
  const text = `${error.message}; start anew with: ${stateCommand("reset", query)}`;
  return new WorldError(text, { cause: error });
}

async function reportOf(
  query: StateQuery,
  offsets: GroupOffsets,
  log: StateLog,
): Promise<StateReport> {
  assertNamedLog(query, offsets);
  const { input, committed } = offsets;
  const known = committedLogs(query, offsets);
  const lone = [...input.keys()].filter((each) => {
    const { start = 0, end = 0 } = offsets.log?.get(each) ?? {};
    return !known.has(each) && start < end;
  });
  // Also where all is committed, it may be of a topic that was deleted.
  const { topicId, places } =
    lone.length === 0 && known.size === 0
      ? NOTHING
      : await findLoneLogs(query, lone, log);
  const accounts = await readAccounts(query, {
    places: new Map([...known, ...places]),
    offsets,
    log,
  });
  const { topic, windowLog, kafka } = query;
  const partitions = [...input].map(([partition, { end }]): PartitionState => {
    const offset = committed.get(partition)?.offset ?? null;
    const isForeign = offset !== null && !known.has(partition);
    const account = accounts.get(partition) ?? null;
    const state = account === null ? null : logStateOf(account);
    const isOfDeleted =
      account?.mark != null && isOfOtherTopic(account.mark, topicId);
    const left = leftOf(state, { isForeign, isOfDeleted });
    const log = isForeign || isOfDeleted ? null : state;
    return { partition, offset, end, log, left };
  });
  return { group: kafka.group, topic, windowLog, partitions };
}

function leftOf(
  log: LogState | null,
  whose: { readonly isForeign: boolean; readonly isOfDeleted: boolean },
): LeftSessions | null {
  if (log === null) return null;
  const { openSessions } = log;
  if (whose.isForeign && openSessions > 0) {
    return { openSessions, why: "other program" };
  }
  const isRefused = whose.isOfDeleted && !whose.isForeign;
  return isRefused ? { openSessions, why: "deleted topic" } : null;
}

/** Where the committed offsets say that the logs are; they are there. */
function committedLogs(
  query: StateQuery,
  { committed, log: bounds }: GroupOffsets,
): ReadonlyMap<number, CommittedLog> {
  const { kafka, windowLog } = query;
  const places = new Map<number, CommittedLog>();
  for (const [partition, each] of committed) {
    const place = committedLogOf(each);
    if (place === null) continue;
    if (bounds?.has(partition) !== true) {
      const what = bounds === null ? "topic" : `partition ${partition} of it`;
      throw new WorldError(
        `Cannot read window log "${windowLog}": there is no such ${what}, and ` +
          `the group "${kafka.group}" has committed sessions to it; where it is ` +
          `lost, a run begins anew after: ${stateCommand("reset", query)}`,
      );
    }
    places.set(partition, place);
  }
  return places;
}

async function readAccounts(
  { kafka, topic: input, windowLog: topic }: StateQuery,
  {
    places,
    offsets,
    log,
  }: {
    readonly places: ReadonlyMap<number, CommittedLog>;
    readonly offsets: GroupOffsets;
    readonly log: StateLog;
  },
): Promise<ReadonlyMap<number, LogAccount>> {
  const accounts = new Map<number, LogAccount>();
  const owner = { topic: input, group: kafka.group };
  const ranges = [];
  for (const [partition, place] of places) {
    const { start } = offsets.log!.get(partition)!;
    accounts.set(
      partition,
      new LogAccount({ topic, partition, start, owner }, place),
    );
    ranges.push({ partition, from: start, end: place.end });
  }
  const options = { kafka, topic, framesMax: FRAMES_MAX, log };
  await readLog(options, ranges, async (chunk) => {
    try {
      accounts.get(chunk.partition)!.read(chunk);
    } catch (error) {
      throw WindowLogError.from(error);
    } finally {
      chunk.release();
    }
  });
  for (const account of accounts.values()) account.finish();
  return accounts;
}

/** Null for an offset that another program has committed, or a tool. */
function committedLogOf({ offset, metadata }: Committed) {
  const place = decodeMetadata(metadata);
  return place === null ? null : { offset, ...place };
}

function logStateOf(account: LogAccount): LogState {
  const { committed, mark, byteLength, records } = account;
  const { offset, from, end, commit, by } = committed;
  let oldestMs: number | null = null;
  let liveBytes = 0;
  let openSessions = 0;
  for (const [, session] of account.sessions.entries()) {
    // A restore does not see it: it may be of a topic that was made anew.
    if (session.putAt < from) continue;
    openSessions++;
    liveBytes += session.byteLength;
    const { startMs } = session;
    if (startMs !== null) oldestMs = Math.min(oldestMs ?? Infinity, startMs);
  }
  return {
    ...{ offset, from, end, commit, by, records, byteLength },
    ...{ liveBytes, openSessions, oldestMs },
    clockMs: mark?.clockMs ?? -Infinity,
    watermarkMs: mark?.watermarkMs ?? -Infinity,
    problems: account.problems,
    problemCount: account.problemCount,
  };
}
