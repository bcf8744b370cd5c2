import type {
  JobView,
  OpenSessionForm,
  PartitionView,
  RunState,
} from "../../../src/observe/run_view.ts";

/** A minute, ms. */
export const MINUTE_MS = 60_000;

/** The job of the moving run. */
export const movingJob: JobView = {
  version: "0.1.0",
  from: "kafka:visits",
  to: "kafka:sessions",
  group: "web-sessions",
  instance: null,
  guarantee: "exactly-once",
  commitIntervalMs: 100,
  workers: 2,
  bounded: false,
  deterministic: false,
  gapMs: 10 * MINUTE_MS,
  outOfOrdernessMs: 20 * MINUTE_MS,
  allowedLatenessMs: 15 * MINUTE_MS,
  idleTimeoutMs: 30_000,
};

/** How the moving run stands after so many visits. */
export function progressOf({
  visitsIn,
  rejected,
  elapsedMs,
  partitions,
}: {
  visitsIn: number;
  rejected: number;
  elapsedMs: number;
  partitions: readonly PartitionView[];
}): RunState["progress"] {
  const holding = partitions.find(({ holdsWatermark }) => holdsWatermark)!;
  const { partition, silentMs, idleInMs, watermarkMs } = holding;
  const p99Ms = 5.2 + Math.sin(elapsedMs / 3_000);
  return {
    visitsIn,
    late: Math.floor(visitsIn / 4_000),
    rejected,
    sessions: Math.floor(visitsIn / 6),
    openSessions: 184_000 + Math.round(3_000 * Math.sin(elapsedMs / 9_000)),
    mixedSessions: 0,
    watermarkMs: watermarkMs!,
    elapsedMs,
    hold: { topic: "visits", partition, why: "silent", silentMs, idleInMs },
    lag: partitions.reduce((sum, { lag }) => sum + (lag ?? 0), 0),
    extent: null,
    rssBytes: 412_000_000,
    recent: {
      processing: { count: 50_000, p50Ms: 1.1, p99Ms: 2.9 },
      closing: { count: 8_000, p50Ms: 2.4, p99Ms },
    },
  };
}

/** Ten commits a second. */
export function movingCommits(
  elapsedMs: number,
  nowMs: number,
): RunState["durability"] {
  return {
    commits: Math.floor(elapsedMs / 100),
    deltaBytes: elapsedMs * 450,
    restores: 4,
    restoredSessions: 12_040,
    recoveries: 0,
    logBytes: 61_000_000,
    liveBytes: 22_000_000,
    lastCommitAtMs: nowMs - (nowMs % 100),
    latency: {
      commit: percentiles(9),
      pause: percentiles(1.2),
      restore: percentiles(310),
      visibility: percentiles(48),
    },
  };
}

function percentiles(ms: number) {
  return {
    count: 900,
    p50Ms: ms,
    p90Ms: ms * 1.4,
    p99Ms: ms * 2.1,
    p999Ms: ms * 3,
    p9999Ms: ms * 3.6,
    maxMs: ms * 4,
  };
}

const PAGES = [
  "home",
  "search",
  "product/8312",
  "basket",
  "checkout",
  "thanks",
];

/** Open sessions, the one before older and longer. */
export function someSessions(nowMs: number): OpenSessionForm[] {
  return Array.from({ length: 40 }, (_, i) => {
    const visits = 1 + ((i * 7) % 23);
    const startMs = nowMs - 35 * MINUTE_MS + i * 20_000;
    const times = Array.from(
      { length: visits },
      (_, n) => startMs + n * 37_000,
    );
    const lastVisitMs = times.at(-1)!;
    const visitId = `1400839${String(10_000 + i * 331)}_${i % 4}`;
    const pages = times.map((ms, n) => ({
      page: PAGES[n % PAGES.length],
      event_time: new Date(ms).toISOString().replace("Z", "+00:00"),
    }));
    return {
      visitId,
      sessionId: `${i % 4}-${81_000 + i}`,
      shard: i % 2,
      startMs,
      lastVisitMs,
      endMs: lastVisitMs + 10 * MINUTE_MS,
      visits,
      unfiredVisits: visits,
      bytes: 96 + visits * 104,
      firings: 0,
      isMixed: false,
      isCut: false,
      json: JSON.stringify({
        visit_id: visitId,
        start_time: pages[0]!.event_time,
        end_time: pages.at(-1)!.event_time,
        visited_pages: [pages],
        user_id: [`${visitId}_9b27`],
        data_processing_context: { generation_time: "", watermark: "" },
      }),
    };
  });
}
