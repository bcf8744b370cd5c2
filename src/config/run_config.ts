import type { RunConfig, WindowConfig } from "./config.ts";
import { checkDeterminism, isDeterministic } from "./determinism.ts";
import { durabilityOf, durableFileOf } from "./durability.ts";
import { generatorConfigOf } from "./generator_config.ts";
import { kafkaConfigOf } from "./kafka_config.ts";
import type { ValuesOf } from "./option.ts";
import { checkOutputs, existingFileOf } from "./output_check.ts";
import { checkLimits } from "./run_check.ts";
import type { RunValues } from "./run_options.ts";
import type { WINDOW_OPTIONS } from "./window_options.ts";

const MIB = 1 << 20;

/**
 * The frozen configuration of a run. Throws a `UsageError` when values that
 * are right by themselves do not go together.
 */
export async function runConfigOf(
  values: RunValues,
  signal?: AbortSignal,
): Promise<RunConfig> {
  checkDeterminism(values);
  const durability = durabilityOf(values);
  const config: RunConfig = {
    from: values.from,
    to: values.to,
    lateTo: values["late-to"],
    deadLetterTo: values["dead-letter-to"],
    existingFile: durableFileOf(values) ?? existingFileOf(values, "run"),
    workers: values.workers,
    window: windowConfigOf(values),
    idleTimeoutMs: values["idle-timeout"],
    bounded: values.bounded,
    deterministic: isDeterministic(values),
    withMetadata: values["with-metadata"],
    routeBy: values["route-by"],
    maxRecordBytes: values["max-record-bytes"],
    maxInFlightBytes: inFlightBytesOf(values),
    kafka: await kafkaConfigOf(values, values.group, signal),
    kafkaSource: {
      createSource: values["create-source"],
      metadataIntervalMs: values["metadata-interval"],
      onNewTopic: values["on-new-topic"],
      instance: values.instance,
      sessionTimeoutMs: values["session-timeout"],
    },
    durability,
    generator: generatorConfigOf(values),
    histograms: values.histograms,
  };
  checkOutputs(config, values.config);
  checkLimits(config);
  return deepFreeze(config);
}

/** Records that may be under way, bytes: what was asked for, or else by default. */
export function inFlightBytesOf(
  values: Pick<
    RunValues,
    "max-in-flight-bytes" | "max-record-bytes" | "workers"
  >,
): number {
  const given = values["max-in-flight-bytes"];
  if (given !== null) return given;
  // Each thread has records that it scans, and its shard some that it applies.
  const usual = (8 + 6 * values.workers) * MIB;
  return Math.max(usual, values["max-record-bytes"]);
}

/** The window rules of a run or a replay. */
export function windowConfigOf(
  values: ValuesOf<typeof WINDOW_OPTIONS>,
): WindowConfig {
  return {
    gapMs: values.gap,
    outOfOrdernessMs: values["out-of-orderness"],
    allowedLatenessMs: values["allowed-lateness"],
    timePrecision: values["time-precision"],
    pageOrder: values["page-order"],
    maxSkewMs: values["max-skew"],
  };
}

/** Freezes plain objects and arrays, all the way down; returns the value. */
function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
