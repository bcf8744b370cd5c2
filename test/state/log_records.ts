import { encodeMark, type Mark } from "../../src/checkpoint/mark.ts";
import type { Chunk } from "../../src/record/chunk.ts";
import { writeLongVarint, writeVarint } from "../../src/record/varint.ts";
import { type CommittedLog, LogAccount } from "../../src/state/log_account.ts";
import { chunkOf } from "../support/built_chunk.ts";

const KINDS = { put: 0x11, grow: 0x12, gone: 0x13 } as const;
const IN_PIECES = 4;
/** A message says when its session begins, in seconds. */
const HAS_START = 1;
const IN_SECONDS = 8;

/** The partition whose log these records are of. */
export const PARTITION = 3;

/** What a record of a session's change says, with the rest as a test has it. */
export interface Change {
  readonly kind: keyof typeof KINDS;
  readonly commit: number;
  readonly id: number;
  readonly hash?: number;
  readonly partition?: number;
  /** Of the message, or the piece of it that is in this record. */
  readonly messageBytes?: number;
  /** Of a message in pieces. */
  readonly bytesBehind?: number;
  /** Null when the message does not say. */
  readonly startMs?: number | null;
}

/** A record of a change: of a session only when it begins. */
export function change({
  kind,
  commit,
  id,
  hash = id,
  partition = PARTITION,
  messageBytes = 8,
  bytesBehind,
  startMs = 0,
}: Change): Buffer {
  const isInPieces = bytesBehind !== undefined;
  const front = Buffer.alloc(40);
  front[0] = KINDS[kind] | (isInPieces ? IN_PIECES : 0);
  front.writeInt32LE(hash, 1);
  let end = writeVarint(front, 5, partition);
  end = writeLongVarint(front, end, id);
  if (kind === "gone") return front.subarray(0, end);
  if (kind === "put") end = writeVarint(front, end, commit);
  if (isInPieces) end = writeVarint(front, end, bytesBehind);
  const message = Buffer.alloc(messageBytes);
  if (startMs !== null) writeStart(message, startMs);
  return Buffer.concat([front.subarray(0, end), message]);
}

function writeStart(message: Buffer, startMs: number): void {
  const isOfSeconds = startMs % 1000 === 0;
  message[0] = HAS_START | (isOfSeconds ? IN_SECONDS : 0);
  writeLongVarint(message, 1, isOfSeconds ? startMs / 1000 : startMs);
}

/** The mark of a commit, by "me" unless it says otherwise. */
export function mark(commit: number, parts: Partial<Mark> = {}): Buffer {
  return encodeMark({
    commit,
    offset: 1000,
    topic: "visits",
    topicId: "t",
    group: null,
    watermarkMs: 0,
    clockMs: 0,
    state: 1,
    job: { gapMs: 1, allowedLatenessMs: 0, precision: "s" },
    by: "me",
    isAnew: false,
    ...parts,
  });
}

/** Where the log begins, and what is committed of it. */
export interface LogOptions {
  readonly start?: number;
  readonly partition?: number;
  readonly committed?: Partial<CommittedLog>;
}

/** The account of a log whose committed end is behind its last record. */
export function accountOf(
  values: readonly Buffer[],
  { start = 0, partition = PARTITION, committed }: LogOptions = {},
): LogAccount {
  const account = new LogAccount(
    { topic: "w", partition, start },
    {
      ...{ offset: 1000, from: start, end: start + values.length },
      ...{ by: "me", commit: 1, ...committed },
    },
  );
  if (values.length > 0) account.read(logChunk(values, { start, partition }));
  account.finish();
  return account;
}

/** The values as records of the log. */
function logChunk(
  values: readonly Buffer[],
  { start, partition }: { start: number; partition: number },
): Chunk {
  const records = values.map((value) => ({ key: null, value }));
  return chunkOf([{ baseOffset: start, records }], { partition });
}
