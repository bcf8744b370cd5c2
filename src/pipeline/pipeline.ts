import { WALL_CLOCK } from "../clock.ts";
import type { RunConfig } from "../config/config.ts";
import { Dispatcher } from "../fleet/dispatcher.ts";
import { ShardPool } from "../fleet/shard_pool.ts";
import { HistogramFiles } from "../observe/histogram_files.ts";
import type { Logger } from "../observe/logger.ts";
import type { Progress, RunSummary } from "../observe/run_summary.ts";
import { Router } from "../route/router.ts";
import type { Source } from "../source/source.ts";
import { Assignment } from "./assignment.ts";
import { createSource } from "./create_source.ts";
import { Delivery } from "./delivery.ts";
import { closeOutputs, type Outputs, openOutputs } from "./outputs.ts";
import { Pace } from "./pace.ts";
import { RunMeters } from "./run_meters.ts";
import { shardOptions } from "./shard_options.ts";

/** How the caller watches and ends a run. */
export interface PipelineHooks {
  /** Aborted: stop fetching, drain, flush; open windows stay open. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Called a few times a second. */
  onProgress?(progress: Progress): void;
}

/** How often idle partitions are looked for and news are sent, ms. */
const TICK_MS = 200;

/**
 * Runs visits into sessions until the input ends or the signal is aborted.
 * Throws a `WorldError` when the world is not ready or fails; any other error
 * is a defect, and nothing is committed then.
 */
export async function runPipeline(
  config: RunConfig,
  hooks: PipelineHooks,
): Promise<RunSummary> {
  const source = await createSource(config, hooks.log);
  try {
    await source.open();
    const { partitionCount: inputPartitions } = source;
    const outputs = await openOutputs(config, { inputPartitions, ...hooks });
    const pool = new ShardPool(shardOptions(config, outputs));
    try {
      await pool.ready();
      return await new Pipeline(config, { source, outputs, pool }).run(hooks);
    } finally {
      await pool.destroy();
    }
  } finally {
    await source.close();
  }
}

/** What a pipeline connects. */
interface PipelineParts {
  readonly source: Source;
  readonly outputs: Outputs;
  readonly pool: ShardPool;
}

/** Source -> router -> shards -> watermark -> sinks. */
class Pipeline {
  readonly #config: RunConfig;
  readonly #parts: PipelineParts;
  readonly #meters = new RunMeters();

  constructor(config: RunConfig, parts: PipelineParts) {
    this.#config = config;
    this.#parts = parts;
  }

  async run(hooks: PipelineHooks): Promise<RunSummary> {
    const { source, outputs } = this.#parts;
    const meters = this.#meters;
    const origin = { topic: source.topic, log: hooks.log };
    const delivery = new Delivery(outputs, meters, origin);
    const dispatcher = this.#dispatcher(delivery);
    const assignment = new Assignment(dispatcher, this.#config.idleTimeoutMs);
    const { histograms } = this.#config;
    const files =
      histograms === null
        ? null
        : await HistogramFiles.open(histograms, meters.histograms);
    const tick = setInterval(() => {
      assignment.tick(source.partitions());
      // Should the source not keep its word, the shards get what is there.
      dispatcher.isFilling = false;
      dispatcher.pump();
      files?.tick();
      hooks.onProgress?.(meters.progress(dispatcher.watermarkMs));
    }, TICK_MS);
    const stop = () => source.stop();
    hooks.signal.addEventListener("abort", stop);
    if (hooks.signal.aborted) stop();
    try {
      await this.#consume(dispatcher, assignment);
      // A bounded input has ended in the watermark +Infinity; a stopped one
      // has not, and its windows stay open.
      dispatcher.pump();
      await dispatcher.quiet();
      delivery.finish();
    } finally {
      clearInterval(tick);
      hooks.signal.removeEventListener("abort", stop);
    }
    meters.tally.assertConservation(meters.routed);
    await closeOutputs(outputs);
    await files?.close();
    return meters.summary(dispatcher.watermarkMs);
  }

  /** Brings the visits to the shards, and their reports to the outputs. */
  #dispatcher(delivery: Delivery): Dispatcher {
    const { source, pool } = this.#parts;
    const { maxInFlightBytes } = this.#config;
    return new Dispatcher(
      pool,
      {
        inFlightLimitBytes: maxInFlightBytes,
        outputLimitBytes: maxInFlightBytes,
        watermarks: "merged",
        clock: WALL_CLOCK,
      },
      {
        onReport: (report, applied) => delivery.deliver(report, applied),
        onFailure: () => source.stop(),
      },
    );
  }

  /** Takes what the source tells, as fast as the shards and sinks allow. */
  async #consume(
    dispatcher: Dispatcher,
    assignment: Assignment,
  ): Promise<void> {
    const { routeBy } = this.#config;
    const router = new Router(dispatcher, { routeBy });
    const pace = new Pace();
    const { source } = this.#parts;
    for await (const event of source.events()) {
      switch (event.kind) {
        case "assigned":
          assignment.assign(event);
          for (const each of event.restarted) source.begin(each, "earliest");
          break;
        case "records":
          assignment.heard(event.batch.partition);
          this.#meters.routed += router.route(event.batch);
          break;
        case "finished":
          assignment.finish(event.partition);
          break;
      }
      dispatcher.isFilling = source.isReady;
      dispatcher.pump();
      if (!dispatcher.hasCapacity) await dispatcher.capacity();
      if (pace.isOver) await pace.turn();
    }
    dispatcher.isFilling = false;
  }
}
