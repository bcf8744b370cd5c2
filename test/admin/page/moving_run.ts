import { LatencyHistogram } from "../../../src/observe/latency.ts";
import type {
  LatencyDelta,
  LatencyName,
  OpenSession,
  OpenSessionForm,
  OpenSessionQuery,
  PartitionView,
  RunState,
  RunView,
  ShardView,
} from "../../../src/observe/run_view.ts";
import { madePartition, madeState } from "../made_view.ts";
import {
  MINUTE_MS,
  movingCommits,
  movingJob,
  progressOf,
  someSessions,
} from "./moving_parts.ts";

const SILENT_PARTITION = 2;

/** How the run shall be. */
export interface MovingRunOptions {
  readonly visitsPerSecond?: number;
  readonly partitions?: number;
  /** How long it has run already, ms. */
  readonly ageMs?: number;
}

/**
 * A run that is made by hand and moves with the wall clock: visits come at an
 * uneven rate, and one partition is silent and holds the watermark back.
 */
export class MovingRun implements RunView {
  readonly #startedAtMs: number;
  readonly #visitsPerSecond: number;
  readonly #partitions: number;
  readonly #open: readonly OpenSessionForm[];
  #takenAtMs = Date.now();
  /** What of its state shall be otherwise. */
  change: Partial<RunState> = {};

  constructor(options: MovingRunOptions = {}) {
    const { visitsPerSecond = 5_000, partitions = 4, ageMs = 90_000 } = options;
    this.#startedAtMs = Date.now() - ageMs;
    this.#visitsPerSecond = visitsPerSecond;
    this.#partitions = partitions;
    this.#open = someSessions(Date.now());
  }

  async state(): Promise<RunState> {
    const nowMs = Date.now();
    const elapsedMs = nowMs - this.#startedAtMs;
    const visitsIn = this.#visitsUntil(elapsedMs);
    const partitions = this.#partitionViews(nowMs, visitsIn);
    const rejected = Math.floor(visitsIn / 900);
    return madeState({
      job: movingJob,
      nowMs,
      startedAtMs: this.#startedAtMs,
      progress: progressOf({ visitsIn, rejected, elapsedMs, partitions }),
      rejectedByReason: {
        not_json: Math.ceil(rejected * 0.7),
        event_time_missing: Math.floor(rejected * 0.3),
      },
      closedByReason: {
        gap: Math.floor(visitsIn / 6.2),
        "late-update": Math.floor(visitsIn / 300),
      },
      revisions: Math.floor(visitsIn / 300),
      partitions,
      shards: this.#shardViews(elapsedMs, visitsIn),
      durability: movingCommits(elapsedMs, nowMs),
      ...this.change,
    });
  }

  async latencies(): Promise<readonly LatencyDelta[]> {
    const nowMs = Date.now();
    const visits = ((nowMs - this.#takenAtMs) / 1000) * this.#visitsPerSecond;
    this.#takenAtMs = nowMs;
    return [
      made("processing", { count: visits, typicalMs: 1.1 }),
      made("closing", { count: visits / 6, typicalMs: 2.4 }),
      made("visibility", { count: visits / 6, typicalMs: 48 }),
    ];
  }

  async sessions(query: OpenSessionQuery): Promise<readonly OpenSession[]> {
    const orders = {
      oldest: (a: OpenSession, b: OpenSession) => a.startMs - b.startMs,
      largest: (a: OpenSession, b: OpenSession) => b.visits - a.visits,
      latest: (a: OpenSession, b: OpenSession) => b.lastVisitMs - a.lastVisitMs,
    };
    const sorted = this.#open.toSorted(orders[query.order]);
    return sorted.slice(0, query.limit).map(({ json: _, ...rest }) => rest);
  }

  async session(visitId: string): Promise<readonly OpenSessionForm[]> {
    return this.#open.filter((session) => session.visitId === visitId);
  }

  #visitsUntil(elapsedMs: number): number {
    const seconds = elapsedMs / 1000;
    const wave = 12 * Math.sin(seconds / 25) + 1.5 * Math.sin(seconds / 3);
    return Math.floor(this.#visitsPerSecond * (seconds + 0.6 * wave + 10));
  }

  #partitionViews(nowMs: number, visitsIn: number): PartitionView[] {
    const { outOfOrdernessMs } = movingJob;
    return Array.from({ length: this.#partitions }, (_, partition) => {
      const isSilent = partition === SILENT_PARTITION;
      const silentMs = isSilent ? 12_000 : 40;
      const clockMs = nowMs - (isSilent ? 7 * MINUTE_MS : 1_500 * partition);
      const position = Math.floor(visitsIn / this.#partitions);
      const lag = isSilent ? 0 : Math.floor(30 + 25 * Math.sin(nowMs / 2_000));
      return madePartition(partition, {
        position,
        endOffset: position + lag,
        lag,
        isCaughtUp: lag === 0,
        clockMs,
        watermarkMs: clockMs - outOfOrdernessMs - 1,
        silentMs,
        idleInMs: 30_000 - silentMs,
        holdsWatermark: isSilent,
      });
    });
  }

  #shardViews(elapsedMs: number, visitsIn: number): ShardView[] {
    return [0.52, 0.48].map((share, shard) => ({
      shard,
      openSessions: Math.floor(184_000 * share),
      unfiredVisits: Math.floor(560_000 * share),
      bytesHeld: 96_000_000 * share,
      tasksUnderWay: 1 + shard,
      visits: Math.floor(visitsIn * share),
      cpuMs: elapsedMs * 0.45 * share,
    }));
  }
}

/** Latencies with a long tail, as they are: many at once, few much later. */
function made(
  name: LatencyName,
  { count, typicalMs }: { count: number; typicalMs: number },
): LatencyDelta {
  const histogram = new LatencyHistogram();
  // As many as are needed for a shape, each of them so many times.
  const times = Math.ceil(count / 5_000);
  for (let i = 0; i < count; i += times) {
    const tail = -Math.log(Math.random());
    const ms = typicalMs * (0.6 + 0.25 * tail + 0.004 * tail ** 3.2);
    histogram.record(ms, times);
  }
  return { name, counts: histogram.reader().take() };
}
