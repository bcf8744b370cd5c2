import type { CatchUp } from "../../observe/run_rates.ts";
import type {
  LatencyName,
  OpenSession,
  RunState,
} from "../../observe/run_view.ts";

// What the admin server answers, as far as the page reads it. JSON has no
// infinities: they are null.

/** `GET /state`. */
export interface StateJson extends Omit<RunState, "progress"> {
  readonly progress: Omit<RunState["progress"], "watermarkMs"> & {
    readonly watermarkMs: number | null;
  };
  /** Over the last seconds. */
  readonly rates: {
    readonly visitsPerSecond: number;
    readonly sessionsPerSecond: number;
  };
  /** Records of all partitions that wait; null when not known. */
  readonly lag: number | null;
  /** What becomes of them. */
  readonly lagTrend: CatchUp["kind"];
  /** Until nothing waits, at the pace of the last seconds; null: no telling. */
  readonly catchUpMs: number | null;
  /** Wall clock less the merged watermark, ms. */
  readonly watermarkLagMs: number | null;
}

/** `GET /history`: columns of one length, a sample a second. */
export interface HistoryJson {
  readonly atMs: readonly number[];
  readonly visitsPerSecond: readonly (number | null)[];
  readonly sessionsPerSecond: readonly (number | null)[];
}

/** Values by percentile: `[99.9, 12.4]` is 12.4 ms at 99.9 %. */
export type Points = readonly (readonly [percentile: number, ms: number])[];

/** What a line of the plot is drawn from, wherever it comes from. */
export interface Latencies {
  readonly points: Points;
  readonly count: number;
  readonly maxMs: number;
}

/** `GET /latency?name=…&span=…`. */
export interface LatencyJson extends Latencies {
  readonly name: LatencyName;
  readonly meanMs: number;
}

/** `POST /latency/reset`. */
export interface ResetJson {
  readonly resetAtMs: number;
}

/** A span of time whose latencies are counted. */
export type Span = "minute" | "reset";

/** One of `GET /explain?visit_id=…`. */
export interface SessionJson extends OpenSession {
  /** As the sink would get it; null where it is too long for a look. */
  readonly json: string | null;
}

/** `GET /sessions`. */
export interface SessionsJson {
  /** Wall clock of the server. */
  readonly nowMs: number;
  readonly sessions: readonly OpenSession[];
}

/** `GET /explain?visit_id=…`. */
export interface ExplanationJson {
  readonly sentence: string;
  /** As they are when the sentence is true. */
  readonly sessions: readonly SessionJson[];
}
