import {
  flag,
  integer,
  list,
  number,
  numbersByName,
  object,
  oneOf,
  orNull,
  text,
} from "./schema.ts";

const CLOCK = "event time, ms since 1970";
const WALL = "wall clock, ms since 1970";

const JOB = object({
  version: text(),
  from: text(),
  to: text(),
  group: orNull(text()),
  instance: orNull(text()),
  guarantee: oneOf(["none", "at-least-once", "exactly-once"]),
  commitIntervalMs: orNull(number()),
  workers: integer(),
  bounded: flag(),
  deterministic: flag("the same result in each run"),
  gapMs: number(),
  outOfOrdernessMs: number(),
  allowedLatenessMs: number(),
  idleTimeoutMs: number("0: never"),
});

const HOLD = object(
  {
    topic: text(),
    partition: integer(),
    why: oneOf(["empty", "unread", "behind", "silent"]),
    silentMs: number("since its last record, or its assignment"),
    idleInMs: orNull(number("after so long it counts no more")),
  },
  "the partition that the watermark waits for",
);

const RECENT = object({ count: integer(), p50Ms: number(), p99Ms: number() });

const PROGRESS = object({
  visitsIn: integer("records taken in, whatever became of them"),
  late: integer(),
  rejected: integer(),
  sessions: integer("firings that are written"),
  openSessions: integer(),
  mixedSessions: integer("with visits of several partitions"),
  watermarkMs: orNull(
    number(`${CLOCK}; null before the first, and at the end of the input`),
  ),
  watermark: orNull(text("the same in ISO 8601")),
  isAtEnd: flag("the input has ended: the watermark is +∞"),
  elapsedMs: number(),
  hold: orNull(HOLD),
  lag: orNull(integer("records of all partitions that wait to be read")),
  extent: orNull(
    object(
      { done: number(), total: number() },
      "how much of an input that ends is read: bytes of a file, else records",
    ),
  ),
  rssBytes: integer(),
  recent: object(
    { processing: RECENT, closing: RECENT },
    "of about the last ten seconds",
  ),
});

/** One partition. */
export const PARTITION = object({
  partition: integer(),
  state: oneOf(["active", "idle", "finished"]),
  position: orNull(integer("offset of the next record")),
  endOffset: orNull(integer()),
  lag: orNull(integer("records between the two")),
  isCaughtUp: flag(),
  clockMs: orNull(number(`${CLOCK}: the highest of its visits`)),
  clock: orNull(text("the same in ISO 8601")),
  watermarkMs: orNull(number("clock less out-of-orderness and 1 ms")),
  watermark: orNull(text("the same in ISO 8601")),
  silentMs: number("since its last record, or its assignment"),
  idleInMs: orNull(number("after so long it counts no more")),
  holdsWatermark: flag("it is the one that the merged watermark waits for"),
});

/** One shard. */
export const SHARD = object({
  shard: integer(),
  openSessions: integer(),
  unfiredVisits: integer("in open windows, in no firing yet"),
  bytesHeld: integer("memory of its windows"),
  tasksUnderWay: integer(),
  visits: integer("applied since the start"),
  cpuMs: number("of its thread"),
});

const PERCENTILES = object({
  count: integer(),
  p50Ms: number(),
  p90Ms: number(),
  p99Ms: number(),
  p999Ms: number(),
  p9999Ms: number(),
  maxMs: number(),
});

const DURABILITY = object(
  {
    commits: integer(),
    deltaBytes: integer("changes written to the window log"),
    restores: integer("partitions whose sessions were read back"),
    restoredSessions: integer(),
    recoveries: integer("failures after which the run began again"),
    logBytes: integer("of the window log, from where a restore would begin"),
    liveBytes: integer("of them needed by open sessions"),
    lastCommitAtMs: orNull(number(WALL)),
    latency: object({
      commit: PERCENTILES,
      pause: PERCENTILES,
      restore: PERCENTILES,
      visibility: PERCENTILES,
    }),
  },
  "null for a run that commits nothing",
);

const PROCESS = object({
  cpuMs: number("since the process began, all threads"),
  mainCpuMs: number(),
  rssBytes: integer(),
  inFlightBytes: integer("records under way to the shards and in them"),
  eventLoopDelayMs: object(
    { p50: number(), p99: number(), max: number() },
    "of the main thread since the last sample",
  ),
});

/** How a run stands. */
export const STATE = object({
  phase: oneOf(["starting", "restoring", "running", "recovering", "stopping"]),
  isReady: flag(),
  isKafkaAway: flag("its brokers do not answer"),
  nowMs: number(WALL),
  now: text("the same in ISO 8601"),
  startedAtMs: number(WALL),
  rates: object(
    { visitsPerSecond: number(), sessionsPerSecond: number() },
    "of the last three seconds",
  ),
  lag: orNull(integer("records not read yet, of all partitions")),
  lagTrend: oneOf(["keeping-up", "shrinking", "growing", "unknown"]),
  catchUpMs: orNull(
    number("until the lag is gone, 0 when it keeps up; null: no telling"),
  ),
  watermarkLagMs: orNull(number("wall clock less watermark")),
  job: JOB,
  progress: PROGRESS,
  rejectedByReason: numbersByName("since the start"),
  closedByReason: numbersByName("firings by what caused them"),
  revisions: integer("firings of sessions that had been put out before"),
  partitions: list(PARTITION),
  shards: list(SHARD),
  durability: orNull(DURABILITY),
  process: PROCESS,
});

/** The last ten minutes, a sample a second. */
export const HISTORY = object(
  {
    atMs: list(number(), WALL),
    visitsPerSecond: list(number()),
    sessionsPerSecond: list(number()),
    lag: list(orNull(number())),
    watermarkLagMs: list(orNull(number())),
  },
  "columns of equal length",
);
