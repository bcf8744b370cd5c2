import type { RejectionReason } from "../window/rejection.ts";
import type { DurabilitySummary } from "./durability_meters.ts";
import type { Percentiles } from "./latency.ts";

/** The partition that the watermark waits for. */
export interface WatermarkHold {
  readonly topic: string;
  readonly partition: number;
  /**
   * `empty`: it never had a record; `unread`: it has, and none came yet;
   * `behind`: it has more; `silent`: its records ended some time ago.
   */
  readonly why: "empty" | "unread" | "behind" | "silent";
  /** Time since its last record, or since its assignment, ms. */
  readonly silentMs: number;
  /** After so many ms it no longer counts; null while it is not known. */
  readonly idleInMs: number | null;
}

/** Percentiles of about the last ten seconds, ms. */
export interface RecentPercentiles {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How a run stands right now. */
export interface Progress {
  /** Records taken in, whatever became of them. */
  readonly visitsIn: number;
  readonly late: number;
  readonly rejected: number;
  /** Firings written so far, as their sink has acknowledged: no dead letters. */
  readonly sessions: number;
  readonly openSessions: number;
  /** Sessions with visits of more than one partition, since the start. */
  readonly mixedSessions: number;
  /** The merged watermark; -Infinity before the first one. */
  readonly watermarkMs: number;
  readonly elapsedMs: number;
  /** What holds the watermark back; null when no partition counts. */
  readonly hold: WatermarkHold | null;
  /** Records of all partitions that wait to be read; null when not known. */
  readonly lag: number | null;
  /**
   * How much of an input that ends is read, and how much there is of it: bytes of
   * a file, records of a topic or generator; null when that is not known.
   */
  readonly extent: { readonly done: number; readonly total: number } | null;
  /** Memory of the process. */
  readonly rssBytes: number;
  /** What was recorded in the last ten seconds. */
  readonly recent: {
    /** From fetched to applied. */
    readonly processing: RecentPercentiles;
    /** From the fetch of the visit that closed a session to its write. */
    readonly closing: RecentPercentiles;
  };
}

/** CPU time, user and system, ms. */
export interface CpuUse {
  /** All threads, those of the runtime included. */
  readonly processMs: number;
  /** What of it was spent before the first visit: to load, compile, connect. */
  readonly startMs: number;
  /** The main thread: fetching, routing, writing. */
  readonly mainMs: number;
  /** The thread of each shard. */
  readonly shardsMs: readonly number[];
}

/** How a run came to its end: by itself, by request, or by a failure. */
export type RunOutcome = "ended" | "stopped" | "failed";

/** What a run did, when it is over. */
export interface RunSummary extends Progress {
  readonly outcome: RunOutcome;
  /** Visits in emitted sessions, each once. */
  readonly inSessions: number;
  /** Visits in windows that are still open and were in no firing yet. */
  readonly inOpenWindows: number;
  /** Records that were deleted before they were read: not among the visits. */
  readonly goneRecords: number;
  /**
   * Visits in windows that went with a partition, with a topic made anew, or
   * when the run began again from its last commit.
   */
  readonly dropped: number;
  /** Those among them that nobody reads again: their topic was deleted. */
  readonly droppedForGood: number;
  /**
   * Visits that were in no firing yet, in windows that came back from the window
   * log: with those that came in they are all that the others count.
   */
  readonly restoredVisits: number;
  /** Visits that no shard has reported on: none, unless the run has failed. */
  readonly underWay: number;
  /** Sessions too large for their topic, which the dead letters have taken. */
  readonly oversized: number;
  /** Sessions too large for their topic that no dead letters have taken. */
  readonly notWritten: number;
  /** Fired sessions whose write nobody has confirmed: none, unless failed. */
  readonly unacknowledged: number;
  readonly rejectedByReason: Readonly<Partial<Record<RejectionReason, number>>>;
  /** What else than visits the input seems to be; null when that is unknown. */
  readonly inputLooksLike: string | null;
  readonly visitsPerSecond: number;
  readonly latency: {
    /** From fetched to applied. */
    readonly processing: Percentiles;
    /** From the fetch of the visit that closed a session to its write. */
    readonly closing: Percentiles;
  };
  readonly cpu: CpuUse;
  /** Commits, restores and recoveries; null for a run that commits nothing. */
  readonly durability: DurabilitySummary | null;
}
