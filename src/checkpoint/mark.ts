import { WorldError } from "../errors.ts";
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
  /** Id of the topic that the offset is of; null where Kafka has none. */
  readonly topicId: string | null;
  /** The merged watermark, ms; -Infinity before the first. */
  readonly watermarkMs: number;
  /** The highest event time that the partition has brought, ms; -Infinity before. */
  readonly clockMs: number;
  readonly state: PartitionState;
  readonly job: Job;
  /** The transactional id of who wrote it. */
  readonly by: string;
}

/** The value of the mark's record. */
export function encodeMark(mark: Mark): Buffer {
  const { commit, offset, topicId, watermarkMs, clockMs, state, job, by } =
    mark;
  return Buffer.from(
    JSON.stringify({
      ...{ v: VERSION, commit, offset, topicId },
      watermark: finiteOrNull(watermarkMs),
      clock: finiteOrNull(clockMs),
      ...{ state, job, by },
    }),
  );
}

/** The mark of a record; `place` names it. Throws a `WorldError` for any other. */
export function decodeMark(value: Buffer, place: string): Mark {
  const fields = parse(value, place);
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
    topicId: fields.topicId,
    watermarkMs: fields.watermark ?? -Infinity,
    clockMs: fields.clock ?? -Infinity,
    state: fields.state,
    job: fields.job,
    by: fields.by,
  };
  if (isMark(mark)) return mark;
  throw new WorldError(
    `Cannot read ${place}: expected a mark with commit, offset, state, job ` +
      `and by, got ${value.toString().slice(0, 200)}`,
  );
}

/** What a mark may have, as it stands in its record. */
interface Fields
  extends Readonly<
    Record<
      "v" | "commit" | "offset" | "topicId" | "state" | "job" | "by",
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
    throw new WorldError(`Cannot read ${place}: it is no mark, but damaged`, {
      cause,
    });
  }
}

function isMark(mark: Record<keyof Mark, unknown>): mark is Mark & typeof mark {
  const { commit, offset, topicId, watermarkMs, clockMs, state, job, by } =
    mark;
  const states: readonly unknown[] = [ABSENT, 1, 2, 3];
  return (
    Number.isSafeInteger(commit) &&
    Number.isSafeInteger(offset) &&
    (topicId === null || typeof topicId === "string") &&
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
