/** A session whose window is not gone. */
export interface OpenSession {
  /** In lists a longer one is cut after 1,024 bytes of JSON, and ends in "…". */
  readonly visitId: string;
  /** Its `visitId` is. */
  readonly isCut: boolean;
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
  /** Bytes of its pages as JSON: what it would put out, and is bounded by. */
  readonly bytes: number;
  /** Times that it was put out. */
  readonly firings: number;
  /** It has visits of more than one partition. */
  readonly isMixed: boolean;
}

/** The same with what it would be if it were put out now. */
export interface OpenSessionForm extends OpenSession {
  /**
   * JSON text, as the sink would get it, with an empty `generation_time`, and an
   * empty `watermark` before the first one. Null where it is left out: it takes
   * more than 1 MiB, alone or with those of the later sessions of its visit_id.
   */
  readonly json: string | null;
}

/** Which open sessions to list; `latest`: whose last visit is the newest. */
export interface OpenSessionQuery {
  readonly order: "oldest" | "largest" | "latest";
  /** From 1 to 1,000. */
  readonly limit: number;
}

/** The higher it is, the earlier a session comes in a list of this order. */
export function rankOf(
  { startMs, endMs, bytes }: Pick<OpenSession, "startMs" | "endMs" | "bytes">,
  order: OpenSessionQuery["order"],
): number {
  if (order === "oldest") return -startMs;
  return order === "largest" ? bytes : endMs;
}

/** Brings sessions into the order of a query, and leaves out what is too much. */
export function keepBest(
  sessions: Pick<OpenSession, "startMs" | "endMs" | "bytes">[],
  { order, limit }: OpenSessionQuery,
): void {
  sessions.sort((a, b) => rankOf(b, order) - rankOf(a, order));
  if (sessions.length > limit) sessions.length = limit;
}
