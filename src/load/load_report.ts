import type { LatencySeries } from "../latency/latency_series.ts";
import type { Machine } from "../observe/machine.ts";
import type { LoadPlan } from "./load_plan.ts";
import type { StopReason } from "./load_stop.ts";
import type { SessionStamp } from "./topic_state.ts";

/** What a rate gave; times in ms. */
export interface RateReport {
  readonly rate: number;
  /** Visits a second that were sent, from the first due to the last sent. */
  readonly reachedRate: number;
  readonly visits: number;
  /** For how long visits were due that do not count, and that do. */
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** It was stopped: shorter than planned, or without its last sessions. */
  readonly stoppedEarly: boolean;
  /** Wall clock: the first visit was due, the counted ones begin, the last was due. */
  readonly startMs: number;
  readonly measuredFromMs: number;
  readonly measuredToMs: number;
  /** Due to sent, to acknowledged, to appended, to read. */
  readonly latencies: {
    readonly send: LatencySeries;
    readonly acknowledge: LatencySeries;
    readonly close: LatencySeries;
    readonly read: LatencySeries;
  };
  /** What the job measured itself, in intervals; null when it was not asked. */
  readonly job: readonly LatencySeries[] | null;
  /** Visits that the job had not read in the end; null when not known. */
  readonly lag: number | null;
  /** Records that others wrote to the topic meanwhile; null when not known. */
  readonly foreignRecords: number | null;
  /** Sessions closed by visits of the warm-up, which do not count. */
  readonly warmUpSessions: number;
  /** Cores in use while it was measured, by process. */
  readonly cores: Readonly<Record<string, number>>;
  /** Why its figures are not those of the job alone, in sentences. */
  readonly limits: readonly string[];
}

/** What a load gave. */
export interface LoadReport {
  readonly plan: Pick<
    LoadPlan,
    "visitsTopic" | "sessionsTopic" | "durationMs" | "warmUpMs" | "seed"
  >;
  readonly machine: Machine;
  readonly active: number;
  /** Null when it was stopped before that was known. */
  readonly startTimeMs: number | null;
  readonly stamp: SessionStamp;
  /** Why it ended before it was over; null when it was. */
  readonly stoppedEarly: StopReason | null;
  readonly rates: readonly RateReport[];
  /** Rates of the plan of which nothing was measured. */
  readonly leftOut: readonly number[];
}
