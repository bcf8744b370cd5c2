/** A session whose window is not gone. */
export interface OpenSession {
  readonly visitId: string;
  /** As its header `session-id` has it: `partition-offset` of its first visit. */
  readonly sessionId: string;
  readonly shard: number;
  /** Event time of its first and of its last visit, ms. */
  readonly startMs: number;
  readonly lastVisitMs: number;
  /** End of its window: the last visit and the gap, ms. */
  readonly endMs: number;
  readonly visits: number;
  /** Visits that no firing has held yet: 0 when it waits for late ones alone. */
  readonly unfiredVisits: number;
  /** Memory that it takes. */
  readonly bytes: number;
  /** Times that it was put out. */
  readonly firings: number;
  /** It has visits of more than one partition. */
  readonly isMixed: boolean;
}

/** The same with what it would be if it were put out now. */
export interface OpenSessionForm extends OpenSession {
  /** JSON text, as the sink would get it, with an empty `generation_time`. */
  readonly json: string;
}

/** Which open sessions to list; `latest`: whose last visit is the newest. */
export interface OpenSessionQuery {
  readonly order: "oldest" | "largest" | "latest";
  /** From 1 to 1,000. */
  readonly limit: number;
}
