import type { KafkaConfig } from "../config/config.ts";

/** What a load is to be; durations in ms. */
export interface LoadPlan {
  readonly kafka: KafkaConfig;
  /** The topic that the job reads, and the one that it writes. */
  readonly visitsTopic: string;
  readonly sessionsTopic: string;
  /** Visits a second, one after the other. */
  readonly rates: readonly number[];
  readonly durationMs: number;
  /** Load before that, which does not count. */
  readonly warmUpMs: number;
  /** A rate is over when no session has come for so long. */
  readonly drainMs: number;
  readonly seed: number;
  /** Visitors at the same time; null: by the lowest rate. */
  readonly active: number | null;
  /** First event time; null: behind what the topic holds. */
  readonly startTimeMs: number | null;
  /** The topic may hold visits of others. */
  readonly isAmongOthers: boolean;
  /** The rules of the job, where it does not tell them itself. */
  readonly rules: JobRules;
  /** The job's admin server; null when it is not asked. */
  readonly admin: {
    readonly url: string;
    readonly token: string | null;
  } | null;
  /** Processes of this machine whose CPU is told, by name. */
  readonly pids: Readonly<Record<string, number>>;
  /** Where each latency is written; null for nowhere. */
  readonly histograms: string | null;
  readonly mayReplace: boolean;
}

/** What of a job's rules says when a session closes. */
export interface JobRules {
  readonly gapMs: number;
  readonly outOfOrdernessMs: number;
}

/** Who hears of a load; all may be slow, none may throw. */
export interface LoadHooks {
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
  /** Told a few times a second. */
  readonly onProgress: (progress: LoadProgress) => void;
}

/** How far a load is. */
export interface LoadProgress {
  readonly rate: number;
  readonly elapsedMs: number;
  readonly totalMs: number;
  readonly sendLatenessP99Ms: number;
  /** Sessions that count so far. */
  readonly sessions: number;
}

const ACTIVE_MAX = 5_000;
const ACTIVE_MIN = 50;

/**
 * Visitors at the same time, as many as a rate bears: the fewer there are, the
 * faster event time goes, and the sooner their sessions close.
 */
export function activeVisitors({ active, rates }: LoadPlan): number {
  const half = Math.round(Math.min(...rates) / 2);
  return active ?? Math.min(ACTIVE_MAX, Math.max(ACTIVE_MIN, half));
}
