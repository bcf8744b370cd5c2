import type { Clock } from "../clock.ts";
import type { InFlightTask } from "../fleet/shard_link.ts";
import type { ShardReport } from "../fleet/shard_report.ts";
import type { DurabilityMeters } from "../observe/durability_meters.ts";
import { LatencyHistogram } from "../observe/latency.ts";
import { RecentLatency } from "../observe/recent_latency.ts";
import type {
  Progress,
  RunOutcome,
  RunSummary,
} from "../observe/run_summary.ts";
import { counterOf } from "../wire/counters.ts";
import type { Report } from "../wire/generated/report.ts";
import { FirstRecord } from "./first_record.ts";
import { Tally } from "./tally.ts";

/** What a run's progress has from its source. */
export type InputProgress = Pick<Progress, "hold" | "lag" | "extent">;

/** Counts and times a run from the shards' reports. */
export class RunMeters {
  readonly tally = new Tally();
  readonly firstRecord = new FirstRecord();
  readonly #histograms = {
    /** A record's bytes came off the wire -> its task was sent. */
    queueing: new LatencyHistogram(),
    /** -> the shard's report that it is applied. */
    processing: new LatencyHistogram(),
    /** Sessions were reported -> the sink acknowledged them. */
    acknowledging: new LatencyHistogram(),
    /** Fetch of the record that moved the watermark past the end -> same. */
    closing: new LatencyHistogram(),
  };
  readonly #recent = {
    processing: new RecentLatency(this.#histograms.processing),
    closing: new RecentLatency(this.#histograms.closing),
  };
  readonly #clock: Clock;
  /** Of commits; null for a run that has none. */
  readonly durability: DurabilityMeters | null;
  #startedAtMs: number;
  #hasBegun = false;
  #startCpuMs = 0;
  /** By shard: of its thread of now, and of those before. */
  readonly #threadsCpuMs: number[] = [];
  readonly #goneCpuMs: number[] = [];
  /** Records routed so far. */
  routed = 0;
  /** Records that the source could not read: they were deleted before. */
  goneRecords = 0;
  /** Visits that were dropped with a topic that was deleted. */
  droppedForGood = 0;
  /** Firings that the sink has acknowledged. */
  #written = 0;
  /** Sessions too large for the sink's topic: the dead letters have them. */
  #oversized = 0;
  /** Sessions too large for the sink's topic, and kept nowhere. */
  #notWritten = 0;
  /** Firings that did not go out: they come again from what was committed. */
  #withdrawn = 0;

  /** A run that commits brings meters of that, which outlive its lives. */
  constructor(clock: Clock, durability: DurabilityMeters | null = null) {
    this.#clock = clock;
    this.durability = durability;
    this.#startedAtMs = clock.nowMs();
  }

  /**
   * From here on there are visits: the time and the work before do not count. What
   * begins again goes on.
   */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#startedAtMs = this.#clock.nowMs();
    this.#startCpuMs = totalMs(process.cpuUsage());
  }

  /** The histograms by name, for their files. */
  get histograms(): Readonly<Record<string, LatencyHistogram>> {
    return { ...this.#histograms, ...this.durability?.histograms };
  }

  /** By shard: CPU time of its threads, ms. */
  get shardsCpuMs(): readonly number[] {
    return this.#threadsCpuMs.map((ms, i) => ms + (this.#goneCpuMs[i] ?? 0));
  }

  /** Takes a report and the tasks that it says are applied. */
  applied(report: ShardReport, applied: readonly InFlightTask[]): void {
    this.tally.add(report.shard, report.envelope);
    this.#threadsCpuMs[report.shard] = report.threadCpuMs;
    const nowMs = this.#clock.nowMs();
    const { queueing, processing } = this.#histograms;
    for (const { runs, sentAtMs } of applied) {
      for (const { fetchedAtMs, count } of runs) {
        queueing.record(sentAtMs - fetchedAtMs, count);
        processing.record(nowMs - fetchedAtMs, count);
      }
    }
  }

  /**
   * The sessions of a report that came at `reportedAtMs` were acknowledged.
   * Closings that no record caused (idle, end of input) are left out.
   */
  closed(report: Report, causeMs: number | null, reportedAtMs: number): void {
    const nowMs = this.#clock.nowMs();
    const sessions = counterOf(report, "sessions");
    this.#histograms.acknowledging.record(nowMs - reportedAtMs, sessions);
    if (causeMs === null) return;
    this.#histograms.closing.record(nowMs - causeMs, sessions);
  }

  /** The transaction of so many written sessions has ended: readers see them. */
  visible(sessions: number, causeMs: number | null): void {
    if (causeMs === null) return;
    this.durability?.time(
      "visibility",
      this.#clock.nowMs() - causeMs,
      sessions,
    );
  }

  /** What became of the sessions of a report, now that all is acknowledged. */
  settled(counts: {
    /** The sink has them. */
    readonly written: number;
    /** Too large for the sink: the dead letters have them. */
    readonly oversized: number;
    /** Too large for the sink, and nobody has them. */
    readonly notWritten: number;
  }): void {
    this.#written += counts.written;
    this.#oversized += counts.oversized;
    this.#notWritten += counts.notWritten;
  }

  /** So many sessions of a report did not go out: they will be put out again. */
  withdrawn(sessions: number): void {
    this.#withdrawn += sessions;
  }

  /**
   * All goes on from the last commit: what was under way, and what is not known
   * to be committed, is taken back.
   */
  recover(): void {
    this.durability?.count("recoveries");
    this.tally.abandon(this.routed);
    this.shardsCpuMs.forEach((ms, shard) => {
      this.#goneCpuMs[shard] = ms;
    });
    this.#threadsCpuMs.fill(0);
    this.#withdrawn +=
      this.tally.count("sessions") -
      this.#written -
      this.#oversized -
      this.#notWritten -
      this.#withdrawn;
  }

  /** Throws when one of the routed visits was lost or counted twice. */
  assertConservation(): void {
    this.tally.assertConservation(this.routed);
  }

  /** How the run stands. */
  progress(
    watermarkMs: number,
    input: InputProgress = { hold: null, lag: null, extent: null },
  ): Progress {
    const { tally } = this;
    const nowMs = this.#clock.nowMs();
    return {
      visitsIn: this.routed,
      late: tally.count("late"),
      rejected: tally.count("rejected"),
      sessions: this.#written,
      openSessions: tally.gauge("openSessions"),
      mixedSessions: tally.gauge("mixedSessions"),
      watermarkMs,
      ...input,
      elapsedMs: nowMs - this.#startedAtMs,
      rssBytes: process.memoryUsage.rss(),
      recent: {
        processing: this.#recent.processing.at(nowMs),
        closing: this.#recent.closing.at(nowMs),
      },
    };
  }

  /** What the run did, at its end. */
  summary(watermarkMs: number, outcome: RunOutcome): RunSummary {
    const progress = this.progress(watermarkMs);
    const { tally } = this;
    const seconds = Math.max(progress.elapsedMs, 1) / 1000;
    return {
      ...progress,
      outcome,
      inSessions: tally.count("visitsInSessions"),
      inOpenWindows: tally.gauge("unfiredVisits"),
      goneRecords: this.goneRecords,
      dropped: tally.count("droppedVisits"),
      droppedForGood: this.droppedForGood,
      restoredVisits: tally.count("restoredVisits"),
      underWay: this.routed - tally.count("visits"),
      oversized: this.#oversized,
      notWritten: this.#notWritten,
      unacknowledged:
        tally.count("sessions") -
        this.#written -
        this.#oversized -
        this.#notWritten -
        this.#withdrawn,
      rejectedByReason: tally.rejectedByReason,
      inputLooksLike: progress.rejected > 0 ? this.firstRecord.looksLike : null,
      visitsPerSecond: progress.visitsIn / seconds,
      latency: {
        processing: this.#histograms.processing.percentiles(),
        closing: this.#histograms.closing.percentiles(),
      },
      cpu: {
        processMs: totalMs(process.cpuUsage()),
        startMs: this.#startCpuMs,
        mainMs: totalMs(process.threadCpuUsage()),
        shardsMs: this.shardsCpuMs,
      },
      durability: this.durability?.summary() ?? null,
    };
  }
}

/** CPU time, user and system, ms. */
export function totalMs(usage: NodeJS.CpuUsage): number {
  return (usage.user + usage.system) / 1000;
}
