/** What a group has committed, and what its window log holds. */
export interface StateReport {
  readonly group: string;
  readonly topic: string;
  readonly windowLog: string;
  readonly partitions: readonly PartitionState[];
}

/** The same of one partition. */
export interface PartitionState {
  readonly partition: number;
  /** The committed offset of the input; null when there is none. */
  readonly offset: number | null;
  /** The offset behind the last record of the input. */
  readonly end: number;
  /** What a run goes on with; null when there is nothing. */
  readonly log: LogState | null;
  /** What it does not go on with, though its log has it; null: there is nothing. */
  readonly left: LeftSessions | null;
}

/** Open sessions that a run drops, or refuses to go on from. */
export interface LeftSessions {
  readonly openSessions: number;
  /**
   * Another program has committed the offset, and a run drops them; or they are of
   * a topic whose name another one has now, and a run drops them when it is told to.
   */
  readonly why: "other program" | "deleted topic";
}

/** What the window log of a partition holds. */
export interface LogState {
  /** Where a run goes on in the input. */
  readonly offset: number;
  /** A restore reads the records of `[from, end)`. */
  readonly from: number;
  readonly end: number;
  /** Records that were read, also those before `from`. */
  readonly records: number;
  /** Bytes of the records that a restore reads. */
  readonly byteLength: number;
  /** Bytes of them that open sessions need. */
  readonly liveBytes: number;
  readonly openSessions: number;
  /** When the oldest open session begins, ms of event time; null without one. */
  readonly oldestMs: number | null;
  /** Event time: the highest that the partition has brought, ms. */
  readonly clockMs: number;
  readonly watermarkMs: number;
  /** Number of the last commit, and the transactional id of who made it. */
  readonly commit: number;
  readonly by: string;
  /** What cannot be right, the first of it in sentences. */
  readonly problems: readonly string[];
  readonly problemCount: number;
}
