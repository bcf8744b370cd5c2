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

/** What a member has, as its leader has dealt it out. */
export interface Dealt {
  readonly partitions: readonly number[];
  /** Partitions that the topic had then. */
  readonly partitionCount: number;
}

/** By member. */
export type GroupAssignment = ReadonlyMap<string, Dealt>;

/** A member as its coordinator knows it. */
export interface Member {
  id: string;
  readonly groupInstanceId: string | null;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  deadlineMs: number;
  join: PromiseWithResolvers<Joined> | null;
  sync: PromiseWithResolvers<Dealt> | null;
  assignment: Dealt;
}

/** What a group is about. */
export type GroupState = "empty" | "preparing" | "completing" | "stable";
