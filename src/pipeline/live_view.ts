import type { Clock } from "../clock.ts";
import type { RunConfig } from "../config/config.ts";
import { formatPlace } from "../config/place_types.ts";
import { WorldError } from "../errors.ts";
import type { Dispatcher } from "../fleet/dispatcher.ts";
import type { Outage } from "../kafka/outage.ts";
import { EventLoopDelay } from "../observe/event_loop_delay.ts";
import type { LatencyReader } from "../observe/latency.ts";
import { packageVersion } from "../observe/package_version.ts";
import type {
  JobView,
  LatencyDelta,
  LatencyName,
  OpenSession,
  OpenSessionForm,
  OpenSessionQuery,
  RunPhase,
  RunState,
  RunView,
  ShardView,
} from "../observe/run_view.ts";
import type { Source } from "../source/source.ts";
import type { Assignment } from "./assignment.ts";
import { inputProgress } from "./input_progress.ts";
import type { Keeper } from "./keeper.ts";
import { partitionViews } from "./partition_views.ts";
import { type RunMeters, totalMs } from "./run_meters.ts";

/** What a life of the run has that can be looked at. */
export interface ViewedFlow {
  readonly source: Pick<Source, "partitions" | "extent">;
  readonly assignment: Assignment;
  readonly dispatcher: Dispatcher;
  readonly keeper: Pick<Keeper, "isRestoring">;
}

/** What all lives of the run have. */
export interface ViewedRun {
  readonly meters: RunMeters;
  readonly outage: Pick<Outage, "isNews">;
  readonly clock: Pick<Clock, "nowMs">;
  /** Aborted: the run stops. */
  readonly signal: AbortSignal;
}

/**
 * Shows a run to those who look, over all its lives. It holds on to the parts of
 * the life that goes on, and looks at them when it is asked: nobody works for it.
 */
export class LiveView implements RunView {
  readonly #config: RunConfig;
  readonly #run: ViewedRun;
  readonly #startedAtMs: number;
  readonly #loopDelay = new EventLoopDelay();
  #job: JobView | null = null;
  #readers: readonly [LatencyName, LatencyReader][] | null = null;
  #flow: ViewedFlow | null = null;
  /** Of a life that is gone, while there is no other. */
  #watermarkMs = -Infinity;
  #hasFailed = false;
  #isOver = false;

  constructor(config: RunConfig, run: ViewedRun) {
    this.#config = config;
    this.#run = run;
    this.#startedAtMs = run.clock.nowMs();
  }

  /** A life has its parts. */
  connect(flow: ViewedFlow): void {
    this.#flow = flow;
  }

  /** The life has failed; another one may begin. */
  fail(): void {
    this.#watermarkMs = this.#flow?.dispatcher.watermarkMs ?? this.#watermarkMs;
    this.#flow = null;
    this.#hasFailed = true;
  }

  /** The run is over. */
  end(): void {
    this.#isOver = true;
    this.#loopDelay.stop();
  }

  async state(): Promise<RunState> {
    const { meters, clock, outage } = this.#run;
    const phase = this.#phase();
    return {
      phase,
      isReady: phase === "running" && !outage.isNews,
      isKafkaAway: outage.isNews,
      job: this.#jobView(),
      nowMs: clock.nowMs(),
      startedAtMs: this.#startedAtMs,
      ...this.#input(),
      rejectedByReason: meters.tally.rejectedByReason,
      closedByReason: meters.tally.closedByReason,
      revisions: meters.tally.count("revisions"),
      shards: this.#shardViews(),
      durability: this.#durability(),
      process: this.#process(),
    };
  }

  async latencies(): Promise<readonly LatencyDelta[]> {
    this.#readers ??= Object.entries(this.#run.meters.histograms).map(
      ([name, histogram]) => [name as LatencyName, histogram.reader()],
    );
    return this.#readers.map(([name, reader]) => ({
      name,
      counts: reader.take(),
    }));
  }

  async sessions(query: OpenSessionQuery): Promise<readonly OpenSession[]> {
    return await this.#lookups().list(query);
  }

  async session(visitId: string): Promise<readonly OpenSessionForm[]> {
    return await this.#lookups().find(visitId);
  }

  #lookups(): Dispatcher["lookups"] {
    if (this.#flow !== null) return this.#flow.dispatcher.lookups;
    throw new WorldError(
      `Cannot look up sessions: the job is ${this.#phase()}; ask again when it is running`,
    );
  }

  #phase(): RunPhase {
    if (this.#isOver || this.#run.signal.aborted) return "stopping";
    const flow = this.#flow;
    if (flow?.keeper.isRestoring) return "restoring";
    if (flow?.assignment.hasStarted) return "running";
    if (!this.#hasFailed) return "starting";
    return this.#config.durability === null ? "stopping" : "recovering";
  }

  #input(): Pick<RunState, "progress" | "partitions"> {
    const { meters } = this.#run;
    const flow = this.#flow;
    if (flow === null) {
      return { progress: meters.progress(this.#watermarkMs), partitions: [] };
    }
    const { outOfOrdernessMs } = this.#config.window;
    const read = flow.source.partitions();
    return {
      progress: meters.progress(
        flow.dispatcher.watermarkMs,
        inputProgress(read, flow),
      ),
      partitions: partitionViews(read, { ...flow, outOfOrdernessMs }),
    };
  }

  #shardViews(): readonly ShardView[] {
    const { tally, shardsCpuMs } = this.#run.meters;
    const links = this.#flow?.dispatcher.links;
    return Array.from({ length: this.#config.workers }, (_, shard) => ({
      shard,
      openSessions: tally.gaugeOf(shard, "openSessions"),
      unfiredVisits: tally.gaugeOf(shard, "unfiredVisits"),
      bytesHeld: tally.gaugeOf(shard, "bytesHeld"),
      tasksUnderWay: links?.[shard]?.outstanding ?? 0,
      visits: tally.applied(shard),
      cpuMs: shardsCpuMs[shard] ?? 0,
    }));
  }

  #durability(): RunState["durability"] {
    const { durability } = this.#run.meters;
    if (durability === null) return null;
    const { lastCommitAtMs } = durability;
    return { ...durability.summary(), lastCommitAtMs };
  }

  #process(): RunState["process"] {
    return {
      cpuMs: totalMs(process.cpuUsage()),
      mainCpuMs: totalMs(process.threadCpuUsage()),
      rssBytes: process.memoryUsage.rss(),
      inFlightBytes: this.#flow?.dispatcher.inFlightBytes ?? 0,
      eventLoopDelayMs: this.#loopDelay.take(),
    };
  }

  #jobView(): JobView {
    this.#job ??= jobView(this.#config);
    return this.#job;
  }
}

function jobView(config: RunConfig): JobView {
  const { from, to, kafka, kafkaSource, durability, window } = config;
  const { workers, bounded, deterministic, idleTimeoutMs } = config;
  const { gapMs, outOfOrdernessMs, allowedLatenessMs } = window;
  const isMember = from.kind === "kafka" && !bounded;
  return {
    version: packageVersion(),
    from: formatPlace(from),
    to: formatPlace(to),
    group: isMember ? kafka.group : null,
    instance: isMember ? kafkaSource.instance : null,
    guarantee: durability?.guarantee ?? "none",
    commitIntervalMs: durability?.commitIntervalMs ?? null,
    ...{ workers, bounded, deterministic },
    ...{ gapMs, outOfOrdernessMs, allowedLatenessMs, idleTimeoutMs },
  };
}
