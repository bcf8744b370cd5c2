import type { Clock } from "../clock.ts";
import { Dispatcher, type ShardRunner } from "../fleet/dispatcher.ts";
import { HistogramFiles } from "../observe/histogram_files.ts";
import type { RunSummary } from "../observe/run_summary.ts";
import { Router } from "../route/router.ts";
import type { Source } from "../source/source.ts";
import { Assignment } from "./assignment.ts";
import { Delivery } from "./delivery.ts";
import { closeOutputs, type Outputs } from "./outputs.ts";
import { Pace } from "./pace.ts";
import type { PipelineHooks } from "./pipeline_hooks.ts";
import { RunMeters } from "./run_meters.ts";

/** How often idle partitions are looked for and news are sent, ms. */
const TICK_MS = 200;

/** What a run is told. */
export interface PipelineSettings {
  /** A partition that is silent for so long is idle; 0: never. */
  readonly idleTimeoutMs: number;
  readonly maxInFlightBytes: number;
  readonly routeBy: "visit_id" | "key";
  /** Folder for `.hgrm` and `.hlog` files, null for none. */
  readonly histograms: string | null;
}

/** The shards, which the pipeline starts and ends. */
export interface Fleet extends ShardRunner {
  /** Resolves when all shards can be given tasks. */
  ready(): Promise<void>;
  /** Ends the shards, and the tasks that they still have. */
  destroy(): Promise<void>;
}

/** What a pipeline connects. It opens and closes all of it. */
export interface PipelineParts {
  readonly source: Source;
  /** Opens where everything goes, for an input of so many partitions. */
  openOutputs(inputPartitions: number): Promise<Outputs>;
  /** Makes the shards, which encode for these outputs. */
  startFleet(outputs: Outputs): Fleet;
  readonly clock: Clock;
}

/**
 * One run: source -> router -> shards -> watermark -> sinks. It knows its parts
 * by their interfaces alone; another run is another pipeline.
 */
export class Pipeline {
  readonly #settings: PipelineSettings;
  readonly #parts: PipelineParts;
  readonly #meters: RunMeters;
  #outputs: Outputs | null = null;
  #fleet: Fleet | null = null;
  #files: HistogramFiles | null = null;
  #dispatcher: Dispatcher | null = null;
  /** The first one counts: what fails behind it fails because of it. */
  #failure: { readonly error: unknown } | null = null;

  constructor(settings: PipelineSettings, parts: PipelineParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#meters = new RunMeters(parts.clock);
  }

  /**
   * Runs until the input ends or the signal is aborted, then closes all parts,
   * also after a failure. The first failure is the one that is thrown.
   */
  async run(hooks: PipelineHooks): Promise<RunSummary> {
    try {
      await this.#open();
      await this.#flow(hooks);
    } catch (error) {
      this.#fail(error);
    }
    await this.#close();
    const summary = this.#summary(hooks.signal);
    if (this.#dispatcher !== null) hooks.onEnd?.(summary);
    if (this.#failure !== null) throw this.#failure.error;
    return summary;
  }

  async #open(): Promise<void> {
    const { source, openOutputs, startFleet, clock } = this.#parts;
    await source.open();
    this.#outputs = await openOutputs(source.partitionCount);
    this.#fleet = startFleet(this.#outputs);
    await this.#fleet.ready();
    const { histograms } = this.#settings;
    if (histograms === null) return;
    this.#files = await HistogramFiles.open(histograms, {
      histograms: this.#meters.histograms,
      clock,
    });
  }

  /** From the first record to the last acknowledgement. */
  async #flow(hooks: PipelineHooks): Promise<void> {
    const { source, clock } = this.#parts;
    const meters = this.#meters;
    meters.begin();
    const delivery = new Delivery(this.#outputs!, meters, {
      topic: source.topic,
      log: hooks.log,
      clock,
    });
    const dispatcher = this.#connect(delivery);
    this.#dispatcher = dispatcher;
    const assignment = new Assignment(dispatcher, {
      idleTimeoutMs: this.#settings.idleTimeoutMs,
      clock,
    });
    const stopTicks = clock.every(TICK_MS, () =>
      this.#trying(() => {
        assignment.tick(source.partitions());
        // Should the source not keep its word, the shards get what is there.
        dispatcher.expectRecords(false);
        dispatcher.pump();
        this.#files?.tick();
        hooks.onProgress?.(meters.progress(dispatcher.watermarkMs));
      }),
    );
    const stop = () => source.stop();
    hooks.signal.addEventListener("abort", stop);
    if (hooks.signal.aborted) stop();
    try {
      await this.#consume(dispatcher, assignment);
      // A bounded input has ended in the watermark +Infinity; a stopped one
      // has not, and its windows stay open.
      dispatcher.pump();
      await dispatcher.quiet();
    } finally {
      delivery.finish();
      stopTicks();
      hooks.signal.removeEventListener("abort", stop);
    }
    meters.tally.assertConservation(meters.routed);
  }

  /** Brings tasks to the shards, and their reports to the outputs. */
  #connect(delivery: Delivery): Dispatcher {
    const { maxInFlightBytes } = this.#settings;
    return new Dispatcher(
      this.#fleet!,
      {
        inFlightLimitBytes: maxInFlightBytes,
        outputLimitBytes: maxInFlightBytes,
        watermarks: "merged",
        clock: this.#parts.clock,
      },
      {
        onReport: (report, applied) => delivery.deliver(report, applied),
        onFailure: (error) => this.#fail(error),
      },
    );
  }

  /** Takes what the source tells, as fast as the shards and sinks allow. */
  async #consume(
    dispatcher: Dispatcher,
    assignment: Assignment,
  ): Promise<void> {
    const { routeBy } = this.#settings;
    const { source, clock } = this.#parts;
    const router = new Router(dispatcher, { routeBy });
    const pace = new Pace(clock);
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
        case "flush":
          assignment.finishAll();
          dispatcher.pump();
          await dispatcher.quiet();
          break;
        case "finished":
          assignment.finish(event.partition);
          break;
      }
      dispatcher.expectRecords(source.isReady);
      dispatcher.pump();
      if (!dispatcher.hasCapacity) await dispatcher.capacity();
      if (pace.isOver) await pace.turn();
    }
    dispatcher.expectRecords(false);
  }

  /** Does what nobody waits for: its failure ends the run all the same. */
  #trying(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#dispatcher?.fail(error);
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#parts.source.stop();
  }

  /**
   * Closes what was opened, the shards first: after them no output comes. What
   * the outputs have taken is written, if that is still possible.
   */
  async #close(): Promise<void> {
    const outputs = this.#outputs;
    const closings: (() => Promise<void> | undefined)[] = [
      () => this.#fleet?.destroy(),
      () => (outputs === null ? undefined : closeOutputs(outputs)),
      () => this.#files?.close(),
      () => this.#parts.source.close(),
    ];
    for (const close of closings) {
      try {
        await close();
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  #summary(signal: AbortSignal): RunSummary {
    this.#meters.goneRecords = this.#parts.source.goneRecords;
    const watermarkMs = this.#dispatcher?.watermarkMs ?? -Infinity;
    const ended = signal.aborted ? "stopped" : "ended";
    const outcome = this.#failure === null ? ended : "failed";
    return this.#meters.summary(watermarkMs, outcome);
  }
}
