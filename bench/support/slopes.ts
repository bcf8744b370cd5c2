import type { ProcessorFigures } from "./processor.ts";
import { median, sum } from "./statistics.ts";

const MICROS = 1e6;

/**
 * What a visit costs once a run is under way: the difference between a run of
 * many visits and one of fewer, so that the start cancels out.
 */
export interface Slope {
  /** CPU of the main thread, µs a visit. */
  readonly main: number;
  /** CPU of all shards' threads, µs a visit. */
  readonly shards: number;
  /** CPU of the shard that has most to do, µs a visit of the whole run. */
  readonly busiestShard: number;
  /** CPU of the whole process, V8's and libuv's threads included. */
  readonly all: number;
  /** CPU seconds of the process that no visit accounts for. */
  readonly startSeconds: number;
  /** CPU seconds of the process before its first visit. */
  readonly readySeconds: number;
  /** Of the run of many visits, as the following are. */
  readonly visitsPerSecond: number;
  readonly peakRssBytes: number;
  readonly fullCollections: number;
}

/** The slope between a run of few visits and one of more. */
export function slopeOf(few: ProcessorFigures, many: ProcessorFigures): Slope {
  const visits = many.summary.visitsIn - few.summary.visitsIn;
  const aVisit = (seconds: number) => (seconds / visits) * MICROS;
  const shards = many.cpuSeconds.shards.map((seconds, shard) =>
    aVisit(seconds - few.cpuSeconds.shards[shard]!),
  );
  const all = aVisit(many.cpuSeconds.total - few.cpuSeconds.total);
  const fewSeconds = (all * few.summary.visitsIn) / MICROS;
  return {
    main: aVisit(many.cpuSeconds.main - few.cpuSeconds.main),
    shards: sum(shards),
    busiestShard: Math.max(...shards),
    all,
    startSeconds: few.cpuSeconds.total - fewSeconds,
    readySeconds: (few.cpuSeconds.start + many.cpuSeconds.start) / 2,
    visitsPerSecond: many.summary.visitsPerSecond,
    peakRssBytes: many.peakRssBytes,
    fullCollections: many.gc.fullCollections,
  };
}

/** The median of each figure by itself. */
export function medianSlope(slopes: readonly Slope[]): Slope {
  const names = Object.keys(slopes[0]!) as (keyof Slope)[];
  const medians = names.map((name) => [
    name,
    median(slopes.map((slope) => slope[name])),
  ]);
  return Object.fromEntries(medians) as Record<keyof Slope, number>;
}

/** What a slope is planned for. */
export interface Host {
  readonly cores: number;
  readonly workers: number;
  /** Keys are skewed: the shard that has most to do is a limit of its own. */
  readonly isSkewed: boolean;
}

/**
 * Visits/s that one process could make on a host of its own, by its CPU a
 * visit: calculated, not measured. Main has a core, shards have the others. NaN
 * where runs were too short for a slope that says something.
 */
export function plannedVisitsPerSecond(slope: Slope, host: Host): number {
  const { cores, workers, isSkewed } = host;
  if (Math.min(slope.main, slope.shards) <= 0) return Number.NaN;
  const shardLimit = Math.min(workers, cores - 1) / slope.shards;
  const busiestLimit = isSkewed ? 1 / slope.busiestShard : shardLimit;
  return MICROS * Math.min(1 / slope.main, shardLimit, busiestLimit);
}
