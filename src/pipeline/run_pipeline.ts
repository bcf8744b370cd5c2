import { WALL_CLOCK } from "../clock.ts";
import type { RunConfig } from "../config/config.ts";
import { checkRun } from "../config/run_check.ts";
import { ShardPool } from "../fleet/shard_pool.ts";
import { OwnSeat } from "../kafka/group_seat.ts";
import { brokerOutage, type Outage } from "../kafka/outage.ts";
import { DurabilityMeters } from "../observe/durability_meters.ts";
import type { Logger } from "../observe/logger.ts";
import type { RunSummary } from "../observe/run_summary.ts";
import { type ShardOptions, shardOptions } from "../shard/shard_options.ts";
import type { Source } from "../source/source.ts";
import { LiveView } from "./live_view.ts";
import { type Outputs, openOutputs } from "./outputs.ts";
import { Pipeline } from "./pipeline.ts";
import type { PipelineHooks } from "./pipeline_parts.ts";
import { HELD_RECORDS, ROUND_RECORDS } from "./rounds.ts";
import type { LifeParts } from "./run_durably.ts";
import { RunMeters } from "./run_meters.ts";

/** Answers of brokers that are fetched ahead: more of them wait, and get old. */
const FRAMES = 4;
const FRAMES_PER_WORKER = 2;

/**
 * Runs visits into sessions until the input ends or the signal is aborted.
 * Throws a `UsageError` for a configuration that cannot be run, a `WorldError` when
 * the world is not ready or fails, a `ReaderGoneError`
 * when nobody reads stdout any more and it is the only output; any other error is
 * a defect, and nothing is committed then.
 */
export async function runPipeline(
  config: RunConfig,
  hooks: PipelineHooks,
): Promise<RunSummary> {
  checkRun(config);
  const outage = brokerOutage(config.kafka.brokers, {
    clock: WALL_CLOCK,
    warn: (text) => hooks.log.warn(text),
  });
  const { durability } = config;
  const meters = new RunMeters(
    WALL_CLOCK,
    durability === null ? null : new DurabilityMeters(),
  );
  const view = new LiveView(config, {
    ...{ meters, outage, clock: WALL_CLOCK, signal: hooks.signal },
  });
  hooks.onView?.(view);
  const run = { outage, meters, view };
  try {
    if (durability === null) {
      return await live(config, { ...run, hooks, state: null });
    }
    // Not loaded for those who do not use it: kafkajs takes its time.
    const { runDurably } = await import("./run_durably.ts");
    return await runDurably(config, {
      ...{ durability, hooks, outage, meters, framesMax: framesOf(config) },
      live: (parts) => live(config, { ...run, ...parts }),
    });
  } finally {
    view.end();
  }
}

/** What a life has beside its configuration. */
interface LifeWorld extends LifeParts {
  readonly outage: Outage;
  readonly meters: RunMeters;
  readonly view: LiveView;
}

/** Runs one pipeline from its start to its end. */
async function live(
  config: RunConfig,
  { hooks, outage, meters, view, state }: LifeWorld,
): Promise<RunSummary> {
  const { log } = hooks;
  const roundRecords = config.deterministic ? ROUND_RECORDS : null;
  const sender = state?.windows.sender ?? null;
  // Files of histograms that are there are of the life before.
  const existingFile = state?.isAgain ? "overwrite" : config.existingFile;
  const settings = { ...config, existingFile };
  // First: its threads load their code while all else is loaded and opened.
  const warmsUp = !config.deterministic;
  const fleet = new ShardPool(config.workers, { warmsUp });
  const pipeline = new Pipeline(settings, {
    source: await createSource(config, {
      ...{ log, outage, roundRecords },
      ownSeat: state?.ownSeat ?? new OwnSeat(),
    }),
    openOutputs: (inputPartitions) =>
      openOutputs(config, { inputPartitions, outage, sender, ...hooks }),
    fleet,
    shardOptions: (outputs) => optionsOfShards(config, outputs),
    clock: WALL_CLOCK,
    roundRecords,
    ...{ durable: state?.windows ?? null, meters, view },
  });
  return await pipeline.run(hooks);
}

/** Answers of brokers that may be held at a time. */
function framesOf({ workers }: RunConfig): number {
  return FRAMES + FRAMES_PER_WORKER * workers;
}

/** What a source is made with, beside the configuration. */
interface SourceWorld {
  readonly log: Logger;
  readonly outage: Outage;
  readonly roundRecords: number | null;
  readonly ownSeat: OwnSeat;
}

/** The source that the configuration names; what it needs is loaded with it. */
async function createSource(
  config: RunConfig,
  { log, outage, roundRecords, ownSeat }: SourceWorld,
): Promise<Source> {
  const { from, kafka, kafkaSource, bounded, maxRecordBytes } = config;
  const { deterministic } = config;
  switch (from.kind) {
    case "generator": {
      const { GeneratorSource } = await import("../source/generator_source.ts");
      const timestamps = deterministic ? "seed" : "clock";
      return new GeneratorSource(config.generator, {
        timestamps,
        roundRecords,
      });
    }
    case "kafka": {
      const { KafkaSource } = await import("../source/kafka/kafka_source.ts");
      const { topic } = from;
      return new KafkaSource({
        topic,
        kafka,
        bounded,
        source: kafkaSource,
        framesMax: framesOf(config),
        restartsAll: config.durability !== null,
        job: {
          guarantee: config.durability?.guarantee ?? "none",
          to: config.to.kind === "kafka" ? config.to.topic : null,
        },
        logger: log,
        ...{ outage, ownSeat },
      });
    }
    default: {
      const { LineSource } = await import("../source/lines/line_source.ts");
      const path = from.kind === "file" ? from.path : null;
      const heldRecords = deterministic ? HELD_RECORDS : null;
      return new LineSource(path, {
        ...{ maxRecordBytes, roundRecords, heldRecords, log },
        tellsLengths: (config.deadLetterTo?.kind ?? "null") !== "null",
      });
    }
  }
}

/** What each shard of a run is told. */
function optionsOfShards(config: RunConfig, outputs: Outputs): ShardOptions[] {
  const { workers, maxInFlightBytes, window, routeBy, maxRecordBytes } = config;
  const fleet = { workers, outputLimitBytes: maxInFlightBytes };
  return shardOptions(fleet, {
    ...{ window, routeBy, maxRecordBytes },
    encoder: outputs.encoder,
    keepLate: outputs.late !== null,
    keepRejected: outputs.deadLetters !== null,
    keepsChanges: config.durability !== null,
    generationTime: null,
  });
}
