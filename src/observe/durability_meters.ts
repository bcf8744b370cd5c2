import { LatencyHistogram, type Percentiles } from "./latency.ts";

// What main counts of a run that commits, over all its lives. A new meter needs a
// line here, the place that counts it and the place that shows it.

/** What has happened since the start. */
const COUNTERS = {
  commits: "transactions that were committed",
  deltaBytes: "bytes of changed sessions that were written to the window log",
  restores: "partitions whose open sessions were read back from the window log",
  restoredSessions: "open sessions that came back with them",
  recoveries: "failures after which the run began again by itself",
} as const;

/** How the window log is now, the partitions of this process alone. */
const GAUGES = {
  logBytes: "bytes of the window log from where a restore would begin",
  liveBytes: "bytes of it that open sessions need",
} as const;

/** How long things took. */
const TIMES = {
  commit: "from a barrier to the end of its transaction",
  pause: "from a barrier to the answers of all shards, visits wait meanwhile",
  restore: "from an assignment to the last open session that came back",
  visibility:
    "from the fetch of the visit that closed a session to the end of its transaction, exactly-once only",
} as const;

type CounterName = keyof typeof COUNTERS;
type GaugeName = keyof typeof GAUGES;
type TimeName = keyof typeof TIMES;

/** A meter of a run that commits. */
export interface DurabilityMeter {
  readonly name: CounterName | GaugeName | TimeName;
  readonly kind: "counter" | "gauge" | "time";
  readonly meaning: string;
}

/** All of them, for those who show them. */
export const DURABILITY_METERS: readonly DurabilityMeter[] = [
  ...metersOf("counter", COUNTERS),
  ...metersOf("gauge", GAUGES),
  ...metersOf("time", TIMES),
];

/** What they say, at any time. */
export interface DurabilitySummary
  extends Readonly<Record<CounterName | GaugeName, number>> {
  readonly latency: Readonly<Record<TimeName, Percentiles>>;
}

/** Counts and times the commits, restores and recoveries of a run. */
export class DurabilityMeters {
  readonly #values: Record<CounterName | GaugeName, number> = {
    ...zeros(COUNTERS),
    ...zeros(GAUGES),
  };
  /** By name, for their files. */
  readonly histograms: Readonly<Record<TimeName, LatencyHistogram>> = {
    commit: new LatencyHistogram(),
    pause: new LatencyHistogram(),
    restore: new LatencyHistogram(),
    visibility: new LatencyHistogram(),
  };
  /** Wall clock, ms; null before the first commit. */
  lastCommitAtMs: number | null = null;

  /** It has happened, once or `by` times. */
  count(name: CounterName, by = 1): void {
    this.#values[name] += by;
  }

  /** It is as much now. */
  set(name: GaugeName, value: number): void {
    this.#values[name] = value;
  }

  /** It took so many ms, once or `count` times. */
  time(name: TimeName, ms: number, count = 1): void {
    this.histograms[name].record(ms, count);
  }

  /** What they say now. */
  summary(): DurabilitySummary {
    const { commit, pause, restore, visibility } = this.histograms;
    return {
      ...this.#values,
      latency: {
        commit: commit.percentiles(),
        pause: pause.percentiles(),
        restore: restore.percentiles(),
        visibility: visibility.percentiles(),
      },
    };
  }
}

function metersOf<Name extends DurabilityMeter["name"]>(
  kind: DurabilityMeter["kind"],
  meanings: Readonly<Record<Name, string>>,
): DurabilityMeter[] {
  const entries = Object.entries(meanings) as [Name, string][];
  return entries.map(([name, meaning]) => ({ name, kind, meaning }));
}

function zeros<Name extends string>(
  meanings: Readonly<Record<Name, string>>,
): Record<Name, number> {
  const entries = Object.keys(meanings).map((name) => [name, 0]);
  return Object.fromEntries(entries);
}
