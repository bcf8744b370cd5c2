import { encodeMark, type Mark } from "../../src/checkpoint/mark.ts";
import type { Chunk } from "../../src/record/chunk.ts";
import { type CommittedLog, LogAccount } from "../../src/state/log_account.ts";
import { chunkOf } from "../support/built_chunk.ts";

const KINDS = { put: 0x11, grow: 0x12, gone: 0x13 } as const;

/** The partition whose log these records are of. */
export const PARTITION = 3;

/** What a record of a session's change says, with the rest as a test has it. */
export interface Change {
  readonly kind: keyof typeof KINDS;
  readonly commit: number;
  readonly id: number;
  readonly hash?: number;
  readonly partition?: number;
  /** Of the whole record. */
  readonly bytes?: number;
  readonly bytesBehind?: number;
  readonly startMs?: number;
}

/** A record of a change: of a session only when it begins. */
export function change({
  kind,
  commit,
  id,
  hash = id,
  partition = PARTITION,
  bytes = kind === "gone" ? 21 : 33,
  bytesBehind = 0,
  startMs = 0,
}: Change): Buffer {
  const value = Buffer.alloc(bytes);
  value[0] = KINDS[kind];
  value.writeUInt32LE(commit, 1);
  value.writeInt32LE(hash, 5);
  value.writeInt32LE(partition, 9);
  value.writeDoubleLE(id, 13);
  if (kind === "gone") return value;
  value.writeUInt32LE(bytesBehind, 21);
  value.writeDoubleLE(startMs, 25);
  return value;
}

/** The mark of a commit, by "me" unless it says otherwise. */
export function mark(commit: number, parts: Partial<Mark> = {}): Buffer {
  return encodeMark({
    commit,
    offset: 1000,
    topicId: "t",
    watermarkMs: 0,
    clockMs: 0,
    state: 1,
    job: { gapMs: 1, allowedLatenessMs: 0, precision: "s" },
    by: "me",
    ...parts,
  });
}

/** Where the log begins, and what is committed of it. */
export interface LogOptions {
  readonly start?: number;
  readonly committed?: Partial<CommittedLog>;
}

/** The account of a log whose committed end is behind its last record. */
export function accountOf(
  values: readonly Buffer[],
  { start = 0, committed }: LogOptions = {},
): LogAccount {
  const account = new LogAccount(
    { topic: "w", partition: PARTITION, start },
    {
      ...{ offset: 1000, from: start, end: start + values.length },
      ...{ by: "me", commit: 1, ...committed },
    },
  );
  if (values.length > 0) account.read(logChunk(values, start));
  account.finish();
  return account;
}

/** The values as records of the log, from `baseOffset` on. */
function logChunk(values: readonly Buffer[], baseOffset = 0): Chunk {
  const records = values.map((value) => ({ key: null, value }));
  return chunkOf([{ baseOffset, records }], { partition: PARTITION });
}
