import { WorldError } from "../errors.ts";
import { shownBytes } from "../record/shown_bytes.ts";
import { ABSENT, type PartitionState } from "../watermark/partition_state.ts";
import type { Job } from "./job_fingerprint.ts";

/** The first byte of a mark; other records of the window log begin otherwise. */
export const MARK_BYTE = 0x7b;
const VERSION = 1;

/**
 * How a partition stood at a commit: the last record that the commit has in the
 * window log of that partition.
 */
export interface Mark {
  readonly commit: number;
  /** Where the next owner reads on in the input. */
  readonly offset: number;
  /** The topic that the offset is of; null in marks that do not say it. */
  readonly topic: string | null;
  /** Its id; null where Kafka has none. */
  readonly topicId: string | null;
  /** The group that it was committed for; null in marks that do not say it. */
  readonly group: string | null;
  /** The merged watermark, ms; -Infinity before the first. */
  readonly watermarkMs: number;
  /** The highest event time that the partition has brought, ms; -Infinity before. */
  readonly clockMs: number;
  readonly state: PartitionState;
  readonly job: Job;
  /** The transactional id of who wrote it. */
  readonly by: string;
  /** Its windows began without those that the log had before its commit. */
  readonly isAnew: boolean;
}

/** The value of the mark's record. */
export function encodeMark(mark: Mark): Buffer {
  const { commit, offset, topic, topicId, group } = mark;
  const { state, job, by, isAnew } = mark;
  return Buffer.from(
    JSON.stringify({
      ...{ v: VERSION, commit, offset, topicId },
      ...(topic === null ? {} : { topic }),
      ...(group === null ? {} : { group }),
      watermark: finiteOrNull(mark.watermarkMs),
      clock: finiteOrNull(mark.clockMs),
      ...{ state, job, by },
      ...(isAnew ? { anew: true } : {}),
    }),
  );
}

/** The mark of a record; `place` names it. Throws a `WorldError` for any other. */
export function decodeMark(value: Buffer, place: string): Mark {
  const fields = parse(value, place);
  if (typeof fields.v !== "number") throw noMark(value, place);
  if (fields.v !== VERSION) {
    throw new WorldError(
      `Cannot read ${place}: it is a mark of version ${String(fields.v)}, ` +
        `this version of sessionmill reads version ${VERSION}; run the ` +
        "version that wrote it, or a newer one",
    );
  }
  const mark = {
    commit: fields.commit,
    offset: fields.offset,
    topic: fields.topic ?? null,
    topicId: fields.topicId,
    group: fields.group ?? null,
    watermarkMs: fields.watermark ?? -Infinity,
    clockMs: fields.clock ?? -Infinity,
    state: fields.state,
    job: fields.job,
    by: fields.by,
    isAnew: fields.anew === true,
  };
  if (isMark(mark)) return mark;
  throw new WorldError(
    `Cannot read ${place}: expected a mark with commit, offset, state, job ` +
      `and by, got ${value.toString().slice(0, 200)}`,
  );
}

/**
 * True when what the log has before the commit of a mark does not count for it:
 * `before` is the mark in front of it.
 */
export function beginsAnew(mark: Mark, before: Mark): boolean {
  return (
    mark.isAnew ||
    isOfOtherTopic(mark, before.topicId) ||
    mark.commit <= before.commit
  );
}

/** True when a mark is of another topic than that with this id; null: not known. */
export function isOfOtherTopic(mark: Mark, topicId: string | null): boolean {
  return mark.topicId !== null && topicId !== null && mark.topicId !== topicId;
}

/**
 * True when a mark is of another group. One that does not name its group may be
 * of any that its writer's name begins with, as all transactional ids do.
 */
export function isOfOtherGroup({ group, by }: Mark, ours: string): boolean {
  return group === null ? !by.startsWith(`${ours}-`) : group !== ours;
}

/** The group of a mark in a sentence. */
export function groupText({ group, by }: Mark): string {
  return group === null
    ? `another group, as "${by}" has written to it`
    : `group "${group}"`;
}

/** Whose mark it is, in a sentence, where it is not of this topic and group; else null. */
export function otherOwner(
  mark: Mark,
  ours: { readonly topic: string; readonly group: string },
): string | null {
  if (mark.topic !== null && mark.topic !== ours.topic) {
    return `topic "${mark.topic}"`;
  }
  return isOfOtherGroup(mark, ours.group) ? groupText(mark) : null;
}

/** What a mark may have, as it stands in its record. */
interface Fields
  extends Readonly<
    Record<
      | ("v" | "commit" | "offset" | "topic" | "topicId" | "group")
      | ("state" | "job" | "by" | "anew"),
      unknown
    >
  > {
  readonly watermark: unknown;
  readonly clock: unknown;
}

function parse(value: Buffer, place: string): Fields {
  try {
    return JSON.parse(value.toString());
  } catch (cause) {
    throw noMark(value, place, cause);
  }
}

function noMark(value: Buffer, place: string, cause?: unknown): WorldError {
  return new WorldError(
    `Cannot read ${place}: it is no mark, but damaged or of another program: ` +
      shownBytes(value),
    { cause },
  );
}

function isMark(mark: Record<keyof Mark, unknown>): mark is Mark & typeof mark {
  const { commit, offset, topic, topicId, group } = mark;
  const { watermarkMs, clockMs, state, job, by } = mark;
  const states: readonly unknown[] = [ABSENT, 1, 2, 3];
  return (
    Number.isSafeInteger(commit) &&
    Number.isSafeInteger(offset) &&
    (topic === null || typeof topic === "string") &&
    (topicId === null || typeof topicId === "string") &&
    (group === null || typeof group === "string") &&
    typeof watermarkMs === "number" &&
    typeof clockMs === "number" &&
    states.includes(state) &&
    typeof job === "object" &&
    job !== null &&
    typeof by === "string"
  );
}

/** JSON has no infinity; +Infinity is the end of an input, which none has here. */
function finiteOrNull(ms: number): number | null {
  if (ms === Infinity || Number.isNaN(ms)) {
    throw new RangeError(`Cannot write a mark with the time ${ms}`);
  }
  return ms === -Infinity ? null : ms;
}
