import { UsageError } from "../errors.ts";
import type { RunConfig } from "./config.ts";
import { checkDeterminism } from "./determinism.ts";
import {
  type DurabilityValues,
  durabilityOf,
  durableFileOf,
} from "./durability.ts";
import { checkMembers, namingMembers } from "./members.ts";
import { checkOutputs } from "./output_check.ts";
import { formatSize } from "./quantity_types.ts";
import {
  DURABILITY_RULES,
  GENERATOR_RULES,
  KAFKA_RULES,
  KAFKA_SOURCE_RULES,
  MEMBER_NAMES,
  NO_KAFKA_RULES,
  RUN_RULES,
} from "./run_rules.ts";

/**
 * Sees to it that the configuration of a run is one that the command line could
 * have made, whoever made it. Throws a `UsageError` that names its members.
 */
export function checkRun(config: RunConfig): void {
  checkMembers("run", config, RUN_RULES);
  const { from, to, lateTo, deadLetterTo, durability } = config;
  const places = [from, to, lateTo, deadLetterTo];
  const usesKafka = places.some((place) => place?.kind === "kafka");
  checkMembers("run", config, usesKafka ? KAFKA_RULES : NO_KAFKA_RULES);
  if (from.kind === "kafka") {
    checkMembers("run", config, KAFKA_SOURCE_RULES);
  }
  if (from.kind === "generator") checkMembers("run", config, GENERATOR_RULES);
  if (durability !== null) checkMembers("run", config, DURABILITY_RULES);
  namingMembers(MEMBER_NAMES, () => {
    checkTimes(config);
    checkDurability(config);
    checkOutputs(config, null);
    checkLimits(config);
  });
}

/** Throws a `UsageError` when the limits and the input do not go together. */
export function checkLimits(config: RunConfig): void {
  const { from, generator, maxInFlightBytes, maxRecordBytes } = config;
  if (maxInFlightBytes < maxRecordBytes) {
    const [room, record] = [maxInFlightBytes, maxRecordBytes].map(formatSize);
    throw new UsageError(
      `Cannot run: --max-in-flight-bytes of ${room} is smaller than --max-record-bytes of ${record}, it must hold one record at least`,
    );
  }
  if (config.bounded && from.kind === "generator" && generator.count === null) {
    throw new UsageError(
      "Cannot run: --bounded needs an end and the generator has none, add --count",
    );
  }
}

function checkTimes({
  from,
  bounded,
  deterministic,
  generator,
  window,
}: RunConfig): void {
  checkDeterminism({
    ...{ from, bounded, deterministic, live: !deterministic },
    rate: from.kind === "generator" ? generator.ratePerSecond : null,
    "max-skew": window.maxSkewMs,
  });
}

function checkDurability(config: RunConfig): void {
  const { durability, kafka, kafkaSource } = config;
  if (durability === null) return;
  const values: DurabilityValues = {
    from: config.from,
    to: config.to,
    "late-to": config.lateTo,
    "dead-letter-to": config.deadLetterTo,
    overwrite: config.existingFile === "overwrite",
    bounded: config.bounded,
    guarantee: durability.guarantee,
    "commit-interval": durability.commitIntervalMs,
    "transaction-timeout": durability.transactionTimeoutMs,
    "shard-timeout": durability.shardTimeoutMs,
    "window-log": durability.windowLog,
    "on-new-topic": kafkaSource.onNewTopic,
    "route-by": config.routeBy,
    instance: kafkaSource.instance,
    brokers: kafka.brokers,
    group: kafka.group,
    "kafka-config": kafka.securityFile ?? null,
  };
  durabilityOf(values);
  durableFileOf(values);
}
