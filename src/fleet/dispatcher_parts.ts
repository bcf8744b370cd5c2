import type { Clock } from "../clock.ts";
import type { WatermarkMode } from "../watermark/shared_time.ts";
import type {
  LookAnswer,
  LookMessage,
  PostedReport,
  ScanAnswer,
  ScanMessage,
  TaskMessage,
} from "../wire/messages.ts";
import type { PassedBarrier } from "./barriers.ts";
import type { ScanOptions } from "./scan_desk.ts";
import type { InFlightTask } from "./shard_link.ts";
import type { ShardReport } from "./shard_report.ts";

/** The shards, wherever they run. */
export interface ShardRunner {
  /** Number of shards, each with a thread. */
  readonly size: number;
  /** Runs a task on a shard; tasks of one shard run in the order of calls. */
  run(shard: number, message: TaskMessage): Promise<PostedReport>;
  /** Scans a chunk in a thread, in turn with the tasks of its shard. */
  scan(thread: number, message: ScanMessage): Promise<ScanAnswer>;
  /** Asks a shard about its sessions, in turn with its tasks. */
  look(shard: number, message: LookMessage): Promise<LookAnswer>;
}

/** What the dispatcher is told once. */
export interface DispatcherOptions extends ScanOptions {
  /** Payloads of reports that wait for the outputs, before the shards wait. */
  readonly outputLimitBytes: number;
  readonly watermarks: WatermarkMode;
  /** What a shard owns; `visit_id` when left out. */
  readonly routeBy?: "visit_id" | "key";
  readonly clock: FleetClock;
  /** Records that are not scanned once for all shards: see `Dealer`. */
  readonly sharedRecordsMax?: number;
  /** A shard that does not answer for so long is lost; left out: it is waited for. */
  readonly shardTimeoutMs?: number;
}

/** Time as the fleet sees it, ms. */
export interface FleetClock extends Pick<Clock, "nowMs"> {
  /** Stands in for the time that a record has not; `nowMs` when left out. */
  readonly skewNowMs?: () => number;
}

/** The time that event times of records without one are compared with, ms. */
export function skewNowMs(clock: FleetClock): number {
  return clock.skewNowMs?.() ?? clock.nowMs();
}

/** The tasks that a report is of, in the order in which they were sent. */
export interface ReportedTasks {
  /** Applied in full, which no report has said before. */
  readonly applied: readonly InFlightTask[];
  /** What the report puts out is of these: it may have stopped in the last one. */
  readonly touched: readonly InFlightTask[];
}

/** Whom the dispatcher tells what the shards did. */
export interface DispatcherListener {
  /**
   * Takes a report; resolves when all it holds is acknowledged. Until then its
   * bytes count as output in flight. What it throws or rejects with ends the job.
   */
  onReport(report: ShardReport, of: ReportedTasks): Promise<void>;
  /**
   * All shards have applied what they got of a round; by partition, the highest
   * event time of all rounds so far, ms. Told once of each, in order.
   */
  onRound?(round: number, clocksMs: Float64Array): void;
  /**
   * All shards have passed the barrier of a commit: of each, the reports up to the
   * one that answers it are before it, and were given to `onReport`.
   */
  onBarrier?(commit: number, passed: PassedBarrier): void;
  /** The job cannot go on, for what failed first; told once. */
  onFailure(error: unknown): void;
}
