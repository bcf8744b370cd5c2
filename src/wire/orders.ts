import type { ChunkPlace } from "../record/chunk.ts";
import type { LogState } from "../window/window_changes.ts";

export type { LogState } from "../window/window_changes.ts";

/** Has a new assignment begin. */
export interface ReassignOrder {
  /** A new assignment of partitions: the watermark and clocks begin anew. */
  readonly kind: "reassign";
  /** Number of the assignment, which the answer repeats. */
  readonly assignment: number;
  /** Partitions whose windows go, unless all went before; their clocks too. */
  readonly dropped: readonly number[];
  /** The topic that is read, by its id; null where it has none. */
  readonly topicId: string | null;
}

/** Sessions of one partition of the window log that are to be written anew. */
export interface Renewal {
  readonly partition: number;
  /** Those whose last put is of an older commit than this. */
  readonly beforeCommit: number;
  /** So much at most of each shard, oldest first. */
  readonly bytes: number;
}

/**
 * What main tells a shard to do, beside the records: plain data that travels
 * with a task. The shard does it in the order of tasks, before the task's
 * records. It is for what is rare; what comes with every task is in task.fbs.
 */
export type ShardOrder =
  | ReassignOrder
  | {
      /**
       * All windows go; what was put out before is in an earlier report. Until
       * the next `reassign` no visits come, nothing is put out, time stands still,
       * and windows can be restored.
       */
      readonly kind: "clear";
    }
  | {
      /** Windows come back: their records in the window log, in its order. */
      readonly kind: "restore";
      readonly chunks: readonly ChunkPlace[];
    }
  | {
      /** Sessions that the next barrier writes anew, though nothing changed. */
      readonly kind: "renew";
      readonly partitions: readonly Renewal[];
    };

/** What a new assignment changes. */
export type ReadChange = Pick<ReassignOrder, "dropped" | "topicId">;

/** What a shard answers to a barrier: how far it is there. */
export interface BarrierAnswer {
  /** All that was put out up to this report is of visits before the barrier. */
  readonly kind: "barrier";
  readonly commit: number;
  /** By partition: the highest event time of its own visits up to there, ms. */
  readonly clocksMs: Float64Array;
  readonly logs: readonly LogState[];
}

/** How many records a shard owns of chunks that all shards got. */
export interface OwnedAnswer {
  readonly kind: "owned";
  /** Of the task that has the chunks. */
  readonly sequence: number;
  /** By chunk, in the order of the task. */
  readonly counts: readonly number[];
}

/** What a shard answers once, in the report of the task that it is of. */
export type ShardAnswer =
  | {
      /** From this report on, all that it says of time is of the new assignment. */
      readonly kind: "reassigned";
      readonly assignment: number;
    }
  | {
      /** The task that ends a round is applied in full. */
      readonly kind: "round";
      readonly round: number;
      /** By partition: the highest event time of its own visits up to there. */
      readonly clocksMs: Float64Array;
    }
  | OwnedAnswer
  | BarrierAnswer
  | {
      /** The chunks of one order are restored. */
      readonly kind: "restored";
      /** Open sessions that there are more since: less where some were gone. */
      readonly sessions: number;
      /** Bytes of the records, unpacked; all shards read the same. */
      readonly bytes: number;
    };

/** Most tasks have no orders. */
export const NO_ORDERS: readonly ShardOrder[] = Object.freeze([]);
/** Most reports have no answers. */
export const NO_ANSWERS: readonly ShardAnswer[] = Object.freeze([]);
