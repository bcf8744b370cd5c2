import { pino } from "pino";
import type { Random } from "../../../src/generate/random.ts";
import type { OutputTopic } from "../../../src/kafka/topics.ts";
import { DurabilityMeters } from "../../../src/observe/durability_meters.ts";
import { type Life, runLives } from "../../../src/pipeline/lives.ts";
import type { Outputs } from "../../../src/pipeline/outputs.ts";
import { Pipeline } from "../../../src/pipeline/pipeline.ts";
import { RunMeters } from "../../../src/pipeline/run_meters.ts";
import {
  type ShardOptions,
  shardOptions,
} from "../../../src/shard/shard_options.ts";
import { KafkaSideSink } from "../../../src/sink/kafka/kafka_side_sink.ts";
import { KafkaSink } from "../../../src/sink/kafka/kafka_sink.ts";
import type { ModelNetwork } from "../kafka/model_network.ts";
import { DurableFleet } from "./durable_fleet.ts";
import { type DurablePlan, shardFaultOf } from "./durable_plan.ts";
import { VISITS_TOPIC } from "./ledger.ts";
import { ModelDurable, RECORD_BYTES_MAX } from "./model_durable.ts";
import { ModelSource } from "./model_source.ts";

/** The consumer group of the simulated job. */
export const GROUP = "reader";
export const SESSIONS_TOPIC = "sessions";
export const LATE_TOPIC = "late";
export const DEAD_LETTERS_TOPIC = "dead-letters";
/** Partitions of each topic that is written to. */
export const OUTPUT_PARTITIONS = 2;

const WRITTEN: OutputTopic = {
  partitionCount: OUTPUT_PARTITIONS,
  maxRecordBytes: RECORD_BYTES_MAX,
};

/** Who runs, and where what it says goes. */
export interface DurableProcess {
  readonly network: ModelNetwork;
  /** Name of a static member; null for a dynamic one. */
  readonly instance: string | null;
  readonly transactionalId: string;
  readonly workers: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Told what the log says, a warning or worse, as JSON. */
  readonly onWarning: (line: string) => void;
}

/** Runs the product as one process, life after life, until it ends. */
export async function runProcess(
  plan: DurablePlan,
  running: DurableProcess,
): Promise<void> {
  const { network, signal } = running;
  const { process } = network;
  const meters = new DurabilityMeters();
  const runMeters = new RunMeters(process, meters);
  const log = pino({ level: "warn" }, { write: running.onWarning });
  const live = async (life: Life) => {
    const durable = new ModelDurable({
      ...{ ...plan, ...running, group: GROUP, topic: VISITS_TOPIC },
      ...{ life, log, meters },
    });
    const pipeline = new Pipeline(
      { ...plan, histograms: null, existingFile: "refuse" },
      {
        source: new ModelSource(network, {
          ...{ group: GROUP, topic: VISITS_TOPIC, ...plan },
          ...{ instance: running.instance, slowestMs: plan.slowness.source },
        }),
        openOutputs: async () => outputsOf(durable),
        fleet: startFleet(plan, running),
        shardOptions: (outputs) => optionsOfShards(plan, running, outputs),
        ...{ clock: process, roundRecords: null, durable, meters: runMeters },
      },
    );
    await pipeline.run({ signal, log });
  };
  await runLives(live, {
    ...{ signal, clock: process, log },
    onRecover: () => runMeters.recover(),
    pause: (ms) => process.pause("lives again", ms),
  });
}

const NO_WARNING = { warn() {}, flush() {} };

function outputsOf({ sender }: ModelDurable): Outputs {
  const sideSink = (topic: string) =>
    new KafkaSideSink(sender, {
      ...{ topic, things: topic, warning: NO_WARNING },
      ...WRITTEN,
    });
  return {
    sessions: new KafkaSink(sender, { topic: SESSIONS_TOPIC, ...WRITTEN }),
    late: sideSink(LATE_TOPIC),
    deadLetters: sideSink(DEAD_LETTERS_TOPIC),
    sender: null,
    encoder: { format: "kafka", ...WRITTEN },
  };
}

function optionsOfShards(
  { window, maxInFlightBytes }: DurablePlan,
  { workers }: DurableProcess,
  outputs: Outputs,
): ShardOptions[] {
  return shardOptions(
    { workers, outputLimitBytes: maxInFlightBytes },
    {
      ...{ window, routeBy: "visit_id", maxRecordBytes: RECORD_BYTES_MAX },
      ...{ encoder: outputs.encoder, keepLate: true, keepRejected: true },
      ...{ keepsChanges: true, generationTime: null },
    },
  );
}

function startFleet(
  plan: DurablePlan,
  { network, workers, random }: DurableProcess,
): DurableFleet {
  const { process } = network;
  const faultOf = () => shardFaultOf(plan, random, process.nowMs());
  const slowestMs = plan.slowness.shard;
  return new DurableFleet(workers, { process, random, slowestMs, faultOf });
}
