import { channel } from "node:diagnostics_channel";

/** A moment of a commit, or of a restore, at which a process may die. */
export type CommitPoint =
  | "first-produce"
  | "barrier"
  | "deltas-sent"
  | "offsets-sent"
  | "end-sent"
  | "end-answered"
  | "truncation"
  | "restore";

/** What the channel `sessionmill:commit` carries. */
export interface CommitMoment {
  readonly point: CommitPoint;
  readonly when: "before" | "after";
  /** The number of the commit; 0 when it is not of one. */
  readonly commit: number;
}

const POINTS = channel("sessionmill:commit");

/** Tells those who listen, as tests do; else it costs nothing. */
export function publishPoint(
  point: CommitPoint,
  when: CommitMoment["when"],
  commit = 0,
): void {
  if (!POINTS.hasSubscribers) return;
  const moment: CommitMoment = { point, when, commit };
  POINTS.publish(moment);
}
