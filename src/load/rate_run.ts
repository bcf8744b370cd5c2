import { setTimeout as sleep } from "node:timers/promises";
import { WALL_CLOCK, wallClockMs } from "../clock.ts";
import { messageOf } from "../errors.ts";
import { seriesOf } from "../latency/histogram_series.ts";
import type { LatencySeries } from "../latency/latency_series.ts";
import {
  HistogramFiles,
  refuseHistogramFiles,
} from "../observe/histogram_files.ts";
import { CpuUse } from "./cpu_use.ts";
import type { JobClient } from "./job_client.ts";
import { limitsOf } from "./limits.ts";
import type { LoadHooks, LoadPlan } from "./load_plan.ts";
import type { RateReport } from "./load_report.ts";
import type { LoadStop } from "./load_stop.ts";
import type { RateMeter } from "./rate_meter.ts";
import type { SessionReader } from "./session_reader.ts";
import type { SessionStamp } from "./topic_state.ts";

const TICK_MS = 250;
/** The longest wait for sessions that still come, ms. */
const DRAIN_MAX_MS = 120_000;
/** What a job measures of its own that stands beside the load's figures. */
const JOB_LATENCIES = ["processing", "closing"];

/** By what the timestamps of sessions are. */
const CLOSE_NAMES: Readonly<Record<SessionStamp, string>> = {
  append: "close, due to append of the session",
  create: "close, due to sending of the session",
  unknown: "close, due to timestamp of the session",
};

/** What one rate works with. */
export interface RateParts {
  readonly rate: number;
  readonly meter: RateMeter;
  readonly hooks: LoadHooks;
  readonly stop: LoadStop;
  readonly job: JobClient | null;
  readonly reader: SessionReader;
  readonly stamp: SessionStamp;
  /** What others wrote in this rate; null when it is not known. */
  readonly foreignRecords: () => Promise<number | null>;
}

/** Throws a `UsageError` when the files of any rate are there and may not be replaced. */
export function refuseFilesOf({
  histograms,
  mayReplace,
  rates,
}: LoadPlan): void {
  if (histograms === null || mayReplace) return;
  const names = ["send", "acknowledge", "close", "read"];
  for (const rate of rates) {
    refuseHistogramFiles(folderOf(histograms, rate), names);
  }
}

function folderOf(histograms: string, rate: number): string {
  return `${histograms}/${rate}`;
}

/** What stands beside one rate: its files, CPU and progress, and its end. */
export class RateRun {
  readonly #plan: LoadPlan;
  readonly #parts: RateParts;
  #files: HistogramFiles | null = null;
  #endTicks: () => void = () => {};
  #cpu: Promise<CpuUse> | null = null;
  #failure: unknown = null;

  constructor(plan: LoadPlan, parts: RateParts) {
    this.#plan = plan;
    this.#parts = parts;
  }

  /** Begins the files, and what is told of the progress. */
  async begin(): Promise<void> {
    const { histograms, mayReplace } = this.#plan;
    const { rate, meter } = this.#parts;
    if (histograms !== null) {
      const { send, acknowledge, close, read } = meter.latencies;
      this.#files = await HistogramFiles.open(folderOf(histograms, rate), {
        histograms: { send, acknowledge, close, read },
        mayReplace,
        clock: WALL_CLOCK,
      });
      await this.#files.begin();
    }
    this.#endTicks = WALL_CLOCK.every(TICK_MS, () => this.#tick());
  }

  /** Throws what has failed beside the sending. */
  check(): void {
    this.#parts.reader.check();
    if (this.#failure !== null) throw this.#failure;
  }

  /** All visits are in the topic: waits for their sessions, and sums up. */
  async end(): Promise<RateReport> {
    const { rate, meter, job, stamp } = this.#parts;
    const { measuredFromMs, startMs, acknowledged: visits } = meter;
    const measuredToMs = wallClockMs();
    const cores = await (await this.#cpu)?.cores();
    const isWhole = await this.#drain();
    const span = { fromMs: measuredFromMs, toMs: measuredToMs };
    const lag = (await job?.state())?.lag ?? null;
    const { send, acknowledge, close, read } = meter.latencies;
    const sendSeconds = (meter.lastSentAtMs - startMs) / 1000;
    const reachedRate = visits / Math.max(sendSeconds, visits / rate);
    const { warmUpSessions, negatives } = meter;
    const { sessionsTopic, visitsTopic, warmUpMs, durationMs } = this.#plan;
    // By when visits were due, not by how long it took.
    const dueMs = Math.min((visits * 1000) / rate, warmUpMs + durationMs);
    const foreignRecords = await this.#parts.foreignRecords();
    return {
      rate,
      reachedRate,
      visits,
      warmUpMs: Math.min(warmUpMs, dueMs),
      durationMs: Math.max(0, dueMs - warmUpMs),
      stoppedEarly: !isWhole,
      startMs,
      measuredFromMs,
      measuredToMs,
      latencies: {
        send: seriesOf("send, due to sent", send),
        acknowledge: seriesOf("acknowledge, due to acknowledged", acknowledge),
        close: seriesOf(CLOSE_NAMES[stamp], close),
        read: seriesOf("read, due to read", read),
      },
      job: job === null ? null : await this.#jobLatencies(job, span),
      lag,
      foreignRecords,
      warmUpSessions,
      cores: cores ?? {},
      limits: limitsOf({
        ...{ rate, reachedRate, send, close, warmUpSessions, negatives, lag },
        ...{ sessionsTopic, visitsTopic, foreignRecords },
        stoppedEarly: !isWhole,
      }),
    };
  }

  /** Ends what `begin` has begun, after a failure too. */
  async close(): Promise<void> {
    this.#endTicks();
    await this.#files?.close();
  }

  #tick(): void {
    const { meter, job, hooks, rate } = this.#parts;
    const { warmUpMs, durationMs, pids } = this.#plan;
    const nowMs = wallClockMs();
    this.#files?.tick();
    if (nowMs >= meter.measuredFromMs && this.#cpu === null) {
      this.#cpu = CpuUse.begin({ job, pids });
      this.#cpu.catch((error: unknown) => {
        this.#failure = error;
      });
    }
    const { send, close } = meter.latencies;
    hooks.onProgress({
      rate,
      elapsedMs: nowMs - meter.startMs,
      totalMs: warmUpMs + durationMs,
      sendLatenessP99Ms: send.percentiles().p99Ms,
      sessions: close.count,
    });
  }

  /** Until no session has come for a while; false when that was cut short. */
  async #drain(): Promise<boolean> {
    const { reader, stop } = this.#parts;
    const { drainMs } = this.#plan;
    const beganAtMs = wallClockMs();
    for (;;) {
      const nowMs = wallClockMs();
      const quietMs = nowMs - Math.max(reader.lastAtMs, beganAtMs);
      const isOver = quietMs >= drainMs || nowMs - beganAtMs > DRAIN_MAX_MS;
      if (stop.signal.aborted) return false;
      if (isOver) return true;
      await sleep(TICK_MS);
      this.check();
    }
  }

  /** Its intervals of some seconds that began while it was measured. */
  async #jobLatencies(
    job: JobClient,
    span: { fromMs: number; toMs: number },
  ): Promise<LatencySeries[] | null> {
    try {
      return await job.latencies(JOB_LATENCIES, span);
    } catch (error) {
      this.#parts.hooks.warn(messageOf(error));
      return null;
    }
  }
}
