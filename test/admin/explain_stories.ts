import { explainSession } from "../../src/admin/explain.ts";
import type { WatermarkHold } from "../../src/observe/run_summary.ts";
import type {
  JobView,
  OpenSession,
  PartitionView,
  RunState,
} from "../../src/observe/run_view.ts";
import { madePartition, madeState, NOON_MS } from "./made_view.ts";

/** A minute, ms. */
export const MINUTE_MS = 60_000;
/** The allowed lateness. */
export const LATENESS_MS = 15 * MINUTE_MS;

/** It ends at noon, its lateness a quarter past. */
export const SESSION: OpenSession = {
  visitId: "v7",
  sessionId: "3-1042",
  shard: 0,
  startMs: NOON_MS - 30 * MINUTE_MS,
  lastVisitMs: NOON_MS - 10 * MINUTE_MS,
  endMs: NOON_MS,
  visits: 5,
  unfiredVisits: 5,
  bytes: 800,
  firings: 0,
  isMixed: false,
  isCut: false,
};
/** The same when it was put out. */
export const OUT: OpenSession = { ...SESSION, unfiredVisits: 0, firings: 2 };

/** What is special about a run. */
export interface Story {
  readonly watermarkMs?: number;
  readonly hold?: Partial<WatermarkHold> | null;
  readonly job?: Partial<JobView>;
  readonly partitions?: readonly PartitionView[];
  readonly lag?: number | null;
  readonly isKafkaAway?: boolean;
}

/** A run whose watermark is a minute before noon, held back by visits[2]. */
export function stateOf(story: Story): RunState {
  const { watermarkMs = NOON_MS - MINUTE_MS - 1, hold = {}, lag = 0 } = story;
  const made = madeState();
  const held: WatermarkHold | null =
    hold === null
      ? null
      : {
          ...{ topic: "visits", partition: 2, why: "silent" },
          ...{ silentMs: 14_000, idleInMs: 16_000 },
          ...hold,
        };
  return {
    ...made,
    isKafkaAway: story.isKafkaAway ?? false,
    job: { ...made.job, ...story.job },
    progress: { ...made.progress, watermarkMs, hold: held, lag },
    partitions: story.partitions ?? [
      madePartition(0),
      madePartition(2, { holdsWatermark: true }),
    ],
  };
}

/** Why a session is open. */
export function sentenceOf(session: OpenSession, story: Story): string {
  const state = stateOf(story);
  return explainSession("v7", { state, sessions: [session] }).sentence;
}
