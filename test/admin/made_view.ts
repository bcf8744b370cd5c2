import { WorldError } from "../../src/errors.ts";
import type { Progress } from "../../src/observe/run_summary.ts";
import type {
  JobView,
  LatencyDelta,
  OpenSession,
  OpenSessionForm,
  OpenSessionQuery,
  PartitionView,
  RunState,
  RunView,
} from "../../src/observe/run_view.ts";

/** A time at which nothing special happened. */
export const NOON_MS = Date.parse("2024-06-01T12:00:00Z");

/** A partition that is read to its end. */
export function madePartition(
  partition: number,
  change: Partial<PartitionView> = {},
): PartitionView {
  return {
    partition,
    state: "active",
    position: 500,
    endOffset: 500,
    lag: 0,
    isCaughtUp: true,
    clockMs: NOON_MS,
    watermarkMs: NOON_MS - 1_200_001,
    silentMs: 100,
    idleInMs: 29_900,
    holdsWatermark: partition === 0,
    ...change,
  };
}

const MADE_JOB: JobView = {
  version: "0.1.0",
  from: "kafka:visits",
  to: "kafka:sessions",
  group: "visits_reader",
  instance: null,
  guarantee: "none",
  commitIntervalMs: null,
  workers: 1,
  bounded: false,
  deterministic: false,
  gapMs: 600_000,
  outOfOrdernessMs: 1_200_000,
  allowedLatenessMs: 900_000,
  idleTimeoutMs: 30_000,
};

const MADE_PROGRESS: Progress = {
  visitsIn: 1_000,
  late: 3,
  rejected: 2,
  sessions: 40,
  openSessions: 7,
  mixedSessions: 0,
  watermarkMs: NOON_MS - 1_200_001,
  elapsedMs: 60_000,
  hold: {
    topic: "visits",
    partition: 0,
    why: "silent",
    silentMs: 100,
    idleInMs: 29_900,
  },
  lag: 0,
  extent: null,
  rssBytes: 2 ** 27,
  recent: {
    processing: { count: 10, p50Ms: 1, p99Ms: 2 },
    closing: { count: 4, p50Ms: 3, p99Ms: 5 },
  },
};

/** A run from topic to topic in good order. */
export function madeState(change: Partial<RunState> = {}): RunState {
  return {
    phase: "running",
    isReady: true,
    isKafkaAway: false,
    job: MADE_JOB,
    nowMs: NOON_MS,
    startedAtMs: NOON_MS - 60_000,
    progress: MADE_PROGRESS,
    rejectedByReason: { not_json: 2 },
    closedByReason: { gap: 39, "late-update": 1 },
    revisions: 1,
    partitions: [madePartition(0), madePartition(1)],
    shards: [
      {
        shard: 0,
        openSessions: 7,
        unfiredVisits: 9,
        bytesHeld: 65_536,
        tasksUnderWay: 1,
        visits: 998,
        cpuMs: 120,
      },
    ],
    durability: null,
    process: {
      cpuMs: 900,
      mainCpuMs: 400,
      rssBytes: 2 ** 27,
      inFlightBytes: 4_096,
      eventLoopDelayMs: { p50: 1, p99: 3, max: 8 },
    },
    ...change,
  };
}

/** A run whose state, latencies and sessions a test sets. */
export class MadeView implements RunView {
  now: RunState = madeState();
  /** Taken once, as of a run. */
  deltas: LatencyDelta[] = [];
  /** By visit_id; null while there is nobody to ask. */
  open: ReadonlyMap<string, readonly OpenSessionForm[]> | null = new Map();
  statesAsked = 0;

  async state(): Promise<RunState> {
    this.statesAsked++;
    return this.now;
  }

  async latencies(): Promise<readonly LatencyDelta[]> {
    return this.deltas.splice(0);
  }

  async sessions(_query: OpenSessionQuery): Promise<readonly OpenSession[]> {
    const all = [...this.#all().values()].flat();
    return all.map(({ json, ...session }) => session);
  }

  async session(visitId: string): Promise<readonly OpenSessionForm[]> {
    return this.#all().get(visitId) ?? [];
  }

  #all(): ReadonlyMap<string, readonly OpenSessionForm[]> {
    if (this.open !== null) return this.open;
    throw new WorldError(
      "Cannot look at open sessions: they are being restored",
    );
  }
}
