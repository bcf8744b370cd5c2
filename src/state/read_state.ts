import { isDeepStrictEqual } from "node:util";
import { decodeMetadata } from "../checkpoint/offset_metadata.ts";
import { stateCommand } from "../config/state_command.ts";
import { WorldError } from "../errors.ts";
import { readLog } from "../source/kafka/log_reader.ts";
import {
  type Committed,
  type GroupOffsets,
  readGroupOffsets,
  type StateQuery,
} from "./group_offsets.ts";
import { LogAccount } from "./log_account.ts";
import { assertNamedLog } from "./named_log.ts";
import type { LogState, PartitionState, StateReport } from "./state_report.ts";

/** Answers of brokers that are held at a time. */
const FRAMES_MAX = 4;
/** A group that is at work may delete what is being read: then it is read again. */
const ATTEMPTS_MAX = 3;

/** Who hears how far it is, where the log is long, and of troubles. */
export interface StateLog {
  info(text: string): void;
  warn(text: string): void;
}

/**
 * Reads what a group has committed, and its window log from the start to the
 * committed end. Nothing is changed. Throws a `WorldError` when it cannot be read.
 */
export async function readState(
  query: StateQuery,
  log: StateLog,
): Promise<StateReport> {
  let offsets = await readGroupOffsets(query);
  for (let attempt = 1; ; attempt++) {
    try {
      return await reportOf(query, offsets, log);
    } catch (error) {
      const now = await readGroupOffsets(query);
      const hasMoved = !isDeepStrictEqual(now.committed, offsets.committed);
      if (!hasMoved || attempt === ATTEMPTS_MAX) throw error;
      offsets = now;
    }
  }
}

async function reportOf(
  query: StateQuery,
  offsets: GroupOffsets,
  log: StateLog,
): Promise<StateReport> {
  assertNamedLog(query, offsets);
  const accounts = await readAccounts(query, offsets, log);
  const { topic, windowLog, kafka } = query;
  const partitions = [...offsets.input].map(
    ([partition, { end }]): PartitionState => {
      const offset = offsets.committed.get(partition)?.offset ?? null;
      const account = accounts.get(partition);
      const state = account === undefined ? null : logStateOf(account);
      return { partition, offset, end, log: state };
    },
  );
  return { group: kafka.group, topic, windowLog, partitions };
}

async function readAccounts(
  query: StateQuery,
  { committed, log: bounds }: GroupOffsets,
  log: StateLog,
): Promise<ReadonlyMap<number, LogAccount>> {
  const { kafka, windowLog } = query;
  const accounts = new Map<number, LogAccount>();
  const ranges = [];
  for (const [partition, each] of committed) {
    const place = committedLogOf(each);
    if (place === null) continue;
    const start = bounds?.get(partition)?.start;
    if (start === undefined) {
      const what = bounds === null ? "topic" : `partition ${partition} of it`;
      throw new WorldError(
        `Cannot read window log "${windowLog}": there is no such ${what}, and ` +
          `the group "${kafka.group}" has committed sessions to it; where it is ` +
          `lost, a run begins anew after: ${stateCommand("reset", query)}`,
      );
    }
    const topic = windowLog;
    accounts.set(partition, new LogAccount({ topic, partition, start }, place));
    ranges.push({ partition, from: start, end: place.end });
  }
  const options = { kafka, topic: windowLog, framesMax: FRAMES_MAX, log };
  await readLog(options, ranges, async (chunk) => {
    try {
      accounts.get(chunk.partition)!.read(chunk);
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
  const { from, end, commit, by } = committed;
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
    ...{ from, end, commit, by, records, byteLength },
    ...{ liveBytes, openSessions, oldestMs },
    clockMs: mark?.clockMs ?? -Infinity,
    watermarkMs: mark?.watermarkMs ?? -Infinity,
    problems: account.problems,
    problemCount: account.problemCount,
  };
}
