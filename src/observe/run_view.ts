import type {
  OpenSession,
  OpenSessionForm,
  OpenSessionQuery,
} from "../window/open_session.ts";
import type { RejectionReason } from "../window/rejection.ts";
import type { FiredSession } from "../window/window_store.ts";
import type { DurabilitySummary } from "./durability_meters.ts";
import type { Progress } from "./run_summary.ts";

export type {
  OpenSession,
  OpenSessionForm,
  OpenSessionQuery,
} from "../window/open_session.ts";

/**
 * What a run is doing: `starting` until all is open and its group has given it
 * partitions; `restoring` while windows come back from the window log;
 * `recovering` between a failure and the next attempt.
 */
export type RunPhase =
  | "starting"
  | "restoring"
  | "running"
  | "recovering"
  | "stopping";

/** How far one owned partition is read, and what it means for the watermark. */
export interface PartitionView {
  readonly partition: number;
  readonly state: "active" | "idle" | "finished";
  /** Offset of the next record; null when not known. */
  readonly position: number | null;
  readonly endOffset: number | null;
  /** Records between the two; null when one of them is not known. */
  readonly lag: number | null;
  readonly isCaughtUp: boolean;
  /** Highest event time of its visits, ms; null before the first. */
  readonly clockMs: number | null;
  /** Clock less out-of-orderness and 1 ms; null before the first visit. */
  readonly watermarkMs: number | null;
  /** Since its last record, or since its assignment, ms. */
  readonly silentMs: number;
  /** After so many ms it counts no more; null: never, or not known. */
  readonly idleInMs: number | null;
  /** It is the one that the merged watermark waits for. */
  readonly holdsWatermark: boolean;
}

/** What one shard holds and does. */
export interface ShardView {
  readonly shard: number;
  readonly openSessions: number;
  /** Visits in open windows that no firing has held yet. */
  readonly unfiredVisits: number;
  /** Memory of its windows. */
  readonly bytesHeld: number;
  /** Tasks that it was given and has not answered. */
  readonly tasksUnderWay: number;
  /** Records that it has applied since the start. */
  readonly visits: number;
  /** CPU time of its thread, ms. */
  readonly cpuMs: number;
}

/** What a run is: its settings as a reader wants them; durations in ms. */
export interface JobView {
  readonly version: string;
  /** Places as on the command line: `kafka:visits`. */
  readonly from: string;
  readonly to: string;
  readonly group: string | null;
  readonly instance: string | null;
  readonly guarantee: "none" | "at-least-once" | "exactly-once";
  readonly commitIntervalMs: number | null;
  readonly workers: number;
  readonly bounded: boolean;
  readonly deterministic: boolean;
  readonly gapMs: number;
  readonly outOfOrdernessMs: number;
  readonly allowedLatenessMs: number;
  readonly idleTimeoutMs: number;
}

/** How a run stands: plain data, made when it is asked for. */
export interface RunState {
  readonly phase: RunPhase;
  /** True once it has its partitions, its sinks, and its windows. */
  readonly isReady: boolean;
  /** True while the brokers do not answer, for longer than is worth no word. */
  readonly isKafkaAway: boolean;
  readonly job: JobView;
  /** Wall clock, ms since 1970: when this was made, and when the run began. */
  readonly nowMs: number;
  readonly startedAtMs: number;
  readonly progress: Progress;
  /** Since the start; reasons that never came are left out. */
  readonly rejectedByReason: Readonly<Partial<Record<RejectionReason, number>>>;
  /** Firings by what caused them, since the start. */
  readonly closedByReason: Readonly<
    Partial<Record<FiredSession["closeReason"], number>>
  >;
  /** Firings of sessions that had been put out before, since the start. */
  readonly revisions: number;
  readonly partitions: readonly PartitionView[];
  readonly shards: readonly ShardView[];
  /** Null for a run that commits nothing. */
  readonly durability:
    | (DurabilitySummary & {
        /** Wall clock of the last commit, ms; null before the first. */
        readonly lastCommitAtMs: number | null;
      })
    | null;
  readonly process: {
    /** CPU time since the process began, ms: all threads, and the main one. */
    readonly cpuMs: number;
    readonly mainCpuMs: number;
    readonly rssBytes: number;
    /** Records that are under way to the shards and in them, unpacked bytes. */
    readonly inFlightBytes: number;
    /** Delays of main's event loop since the last state, ms. */
    readonly eventLoopDelayMs: {
      readonly p50: number;
      readonly p99: number;
      readonly max: number;
    };
  };
}

/** What the latencies of one name counted: values in µs, as HdrHistogram has them. */
export interface LatencyDelta {
  readonly name: LatencyName;
  /** Value (µs) and how often, in turns: `[value, count, value, count, …]`. */
  readonly counts: Float64Array;
}

/**
 * `closing`: from the fetch of the visit that moved the watermark past the end
 * to the acknowledgement of the sink; `visibility`: from the same fetch to the end
 * of the transaction, in runs that are exactly-once.
 */
export type LatencyName =
  | "queueing"
  | "processing"
  | "acknowledging"
  | "closing"
  | "visibility"
  | "commit"
  | "pause"
  | "restore";

/**
 * A run as it is seen from outside. It outlives the failures that a run recovers
 * from. Nothing that is asked of it stops the run.
 */
export interface RunView {
  state(): Promise<RunState>;
  /** What was recorded since this was asked last: there is one reader. */
  latencies(): Promise<readonly LatencyDelta[]>;
  /** Open sessions of all shards, best first. */
  sessions(query: OpenSessionQuery): Promise<readonly OpenSession[]>;
  /**
   * The open sessions of a visit_id, by start; empty for none. What is asked for in
   * one turn of the event loop is one order to each shard. Throws a
   * `WorldError` while there is nobody to ask, as during a restore.
   */
  session(visitId: string): Promise<readonly OpenSessionForm[]>;
}
