/**
 * What main tells a shard to do, beside the records: plain data that travels
 * with a task. The shard does it in the order of tasks, before the task's
 * records. It is for what is rare; what comes with every task is in task.fbs.
 */
export type ShardOrder = {
  /** A new assignment of partitions: the watermark and clocks begin anew. */
  readonly kind: "reassign";
  /** Number of the assignment, which the answer repeats. */
  readonly assignment: number;
  /** Partitions whose windows go. */
  readonly dropped: readonly number[];
  /** The topic that is read, by its id; null where it has none. */
  readonly topicId: string | null;
};

/** What a new assignment changes. */
export type ReadChange = Pick<ShardOrder, "dropped" | "topicId">;

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
    };

/** Most tasks have no orders. */
export const NO_ORDERS: readonly ShardOrder[] = Object.freeze([]);
/** Most reports have no answers. */
export const NO_ANSWERS: readonly ShardAnswer[] = Object.freeze([]);
