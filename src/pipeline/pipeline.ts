import type { Dispatcher } from "../fleet/dispatcher.ts";
import type { HistogramFiles } from "../observe/histogram_files.ts";
import type { RunSummary } from "../observe/run_summary.ts";
import { connectFlow, type Flow } from "./flow.ts";
import { inputProgress } from "./input_progress.ts";
import { rest } from "./keeper.ts";
import { beginOutputs, closeOutputs, type Outputs } from "./outputs.ts";
import { Pace } from "./pace.ts";
import type {
  PipelineHooks,
  PipelineParts,
  PipelineSettings,
} from "./pipeline_parts.ts";
import { RunMeters } from "./run_meters.ts";

/** How often idle partitions are looked for and news are sent, ms. */
const TICK_MS = 200;

/**
 * One run: source -> dealer -> shards -> watermark -> sinks. It knows its parts
 * by their interfaces alone; another run is another pipeline.
 */
export class Pipeline {
  readonly #settings: PipelineSettings;
  readonly #parts: PipelineParts;
  readonly #meters: RunMeters;
  #outputs: Outputs | null = null;
  #files: HistogramFiles | null = null;
  #dispatcher: Dispatcher | null = null;
  /** The first one counts: what fails behind it fails because of it. */
  #failure: { readonly error: unknown } | null = null;

  constructor(settings: PipelineSettings, parts: PipelineParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#meters = parts.meters ?? new RunMeters(parts.clock);
  }

  /**
   * Runs until the input ends or the signal is aborted, then closes all parts,
   * also after a failure. The first failure is the one that is thrown.
   */
  async run(hooks: PipelineHooks): Promise<RunSummary> {
    try {
      await this.#open();
      // One that was stopped before its first record replaces nothing.
      if (!hooks.signal.aborted) await this.#begin();
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
    const { source, durable, openOutputs, fleet } = this.#parts;
    await durable?.open();
    await source.open();
    await durable?.openLog(source.partitionCount);
    this.#outputs = await openOutputs(source.partitionCount);
    await fleet.ready(this.#parts.shardOptions(this.#outputs));
    await this.#openFiles();
    // Last: a run that cannot begin leaves the others of its group in peace.
    await source.join?.();
  }

  async #openFiles(): Promise<void> {
    const { histograms, existingFile } = this.#settings;
    if (histograms === null) return;
    const { HistogramFiles } = await import("../observe/histogram_files.ts");
    this.#files = await HistogramFiles.open(histograms, {
      histograms: this.#meters.histograms,
      mayReplace: existingFile === "overwrite",
      clock: this.#parts.clock,
    });
  }

  /** All is open: only now goes what is there and is to be replaced. */
  async #begin(): Promise<void> {
    beginOutputs(this.#outputs!);
    await this.#files?.begin();
  }

  /** From the first record to the last acknowledgement. */
  async #flow(hooks: PipelineHooks): Promise<void> {
    const { source, clock, roundRecords } = this.#parts;
    const { durable = null, view = null } = this.#parts;
    this.#meters.begin();
    hooks.onBegin?.();
    const flow = connectFlow(this.#settings, {
      ...{ source, clock, log: hooks.log, meters: this.#meters },
      ...{ outputs: this.#outputs!, fleet: this.#parts.fleet },
      ...{ roundRecords, durable, view },
      onFailure: (error) => this.#fail(error),
    });
    const { intake, delivery, dispatcher, watch, keeper } = flow;
    this.#dispatcher = dispatcher;
    const stopTicks = clock.every(TICK_MS, () => this.#tick(flow, hooks));
    const stop = () => source.stop();
    hooks.signal.addEventListener("abort", stop);
    if (hooks.signal.aborted) stop();
    try {
      await this.#consume(flow, hooks);
      intake.close();
      // A bounded input has ended in the watermark +Infinity; a stopped one
      // has not, and its windows stay open.
      await rest(dispatcher);
      await keeper.finish();
    } finally {
      keeper.close();
      dispatcher.lookups.end();
      delivery.finish();
      watch.finish(this.#meters.progress(dispatcher.watermarkMs));
      stopTicks();
      hooks.signal.removeEventListener("abort", stop);
    }
    this.#meters.assertConservation();
  }

  /** Takes what the source tells, as fast as the shards and sinks allow. */
  async #consume(flow: Flow, hooks: PipelineHooks): Promise<void> {
    const { intake, dispatcher, assignment, keeper } = flow;
    const { source, clock } = this.#parts;
    const pace = new Pace(clock);
    for await (const event of source.events()) {
      switch (event.kind) {
        case "assigned": {
          const change = await keeper.assigned(event);
          intake.assigned(event.partitions);
          hooks.onAssigned?.(change);
          break;
        }
        case "records":
          intake.take(event.chunk);
          break;
        case "flush":
          await dispatcher.dealer.handedOn();
          assignment.finishAll();
          await rest(dispatcher);
          break;
        case "finished":
          intake.finish(event.partition);
          break;
      }
      do {
        dispatcher.expectRecords(source.isReady);
        dispatcher.pump();
        if (!dispatcher.hasCapacity) await dispatcher.capacity();
        if (pace.isOver) await pace.turn();
      } while (await intake.goOn());
    }
  }

  /** What time brings. Nobody waits for it, but its failure ends the run. */
  #tick({ dispatcher, assignment, watch }: Flow, hooks: PipelineHooks): void {
    try {
      const { source } = this.#parts;
      const partitions = source.partitions();
      assignment.tick(partitions);
      // Should the source not keep its word, the shards get what is there.
      dispatcher.expectRecords(false);
      dispatcher.pump();
      this.#files?.tick();
      const { watermarkMs } = dispatcher;
      const input = inputProgress(partitions, { source, assignment });
      const progress = this.#meters.progress(watermarkMs, input);
      watch.tick(progress, partitions);
      hooks.onProgress?.(progress);
    } catch (error) {
      dispatcher.fail(error);
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#failure === null) {
      this.#failure = { error };
      // Later ones may come when the view shows the next life.
      this.#parts.view?.fail();
    }
    this.#parts.source.stop();
  }

  /**
   * Closes what was opened, the shards first: after them no output comes. What
   * the outputs have taken is written, if that is still possible.
   */
  async #close(): Promise<void> {
    const outputs = this.#outputs;
    const { durable } = this.#parts;
    const closings: (() => Promise<void> | undefined)[] = [
      () => this.#parts.fleet.destroy(),
      // What did not come to a commit is void: nobody is to wait for it.
      () => (this.#failure === null ? undefined : durable?.close()),
      () => (outputs === null ? undefined : closeOutputs(outputs)),
      () => durable?.close(),
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
