/** What a joining member is told when the rebalance is over. */
export interface Joined {
  readonly memberId: string;
  readonly generationId: number;
  readonly leaderId: string;
  /** All members, for the leader. */
  readonly memberIds: readonly string[];
}

/** Who wants to join. */
export interface Joining {
  /** "" for one that has none. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

/** Partitions by member. */
export type GroupAssignment = ReadonlyMap<string, readonly number[]>;

/** A member as its coordinator knows it. */
export interface Member {
  id: string;
  readonly groupInstanceId: string | null;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  deadlineMs: number;
  join: PromiseWithResolvers<Joined> | null;
  sync: PromiseWithResolvers<readonly number[]> | null;
  assignment: readonly number[];
}

/** What a group is about. */
export type GroupState = "empty" | "preparing" | "completing" | "stable";
