import { UsageError } from "../errors.ts";
import type { Durability, SinkSpec } from "./config.ts";
import { isKafkaName } from "./place_types.ts";
import { formatDuration } from "./quantity_types.ts";
import type { RunValues } from "./run_options.ts";
import { stateCommand } from "./state_command.ts";

/** It stands in the metadata of every offset, which holds 4,096 bytes. */
const MAX_TRANSACTIONAL_ID_BYTES = 1024;

/**
 * How often is committed by default. A session of an exactly-once run is seen when
 * it is committed; of an at-least-once run at once, and the interval only bounds
 * what comes again after a failure. Longer would not be cheaper: a shard puts out
 * what has changed in one go, and what fires meanwhile waits.
 */
const COMMIT_INTERVAL_MS: Readonly<Record<Durability["guarantee"], number>> = {
  "exactly-once": 100,
  "at-least-once": 250,
};

/** What decides about what a run promises, and whether it can. */
export type DurabilityValues = Pick<
  RunValues,
  | "from"
  | "to"
  | "late-to"
  | "dead-letter-to"
  | "overwrite"
  | "bounded"
  | "guarantee"
  | "commit-interval"
  | "transaction-timeout"
  | "shard-timeout"
  | "window-log"
  | "on-new-topic"
  | "route-by"
  | "instance"
  | "brokers"
  | "group"
  | "kafka-config"
>;

/** What a run promises of its outputs. */
export type Guarantee = Durability["guarantee"] | "none";

/** What a run promises, as it was asked for or else by default. */
export function guaranteeOf(values: DurabilityValues): Guarantee {
  return values.guarantee ?? defaultGuarantee(values);
}

/** The most that can be promised of such a run. */
function defaultGuarantee(values: DurabilityValues): Guarantee {
  const { from, to, bounded } = values;
  if (from.kind !== "kafka" || bounded) return "none";
  const isOutside = sinksOf(values).some(([, sink]) => isOutsideKafka(sink));
  return isOutside || to.kind === "null" ? "at-least-once" : "exactly-once";
}

/**
 * What is committed, how often and where; null for a run that commits nothing.
 * Throws a `UsageError` when the guarantee cannot be given, or when what is
 * asked for does not go together.
 */
export function durabilityOf(values: DurabilityValues): Durability | null {
  const guarantee = guaranteeOf(values);
  if (guarantee === "none") return null;
  checkInput(values, guarantee);
  if (guarantee === "exactly-once") checkTopics(values);
  const commitIntervalMs = commitIntervalOf(values, guarantee);
  checkTimes(values, commitIntervalMs);
  return {
    guarantee,
    commitIntervalMs,
    transactionTimeoutMs: values["transaction-timeout"],
    windowLog: windowLogOf(values),
    transactionalId: transactionalIdOf(values),
    shardTimeoutMs: values["shard-timeout"],
  };
}

/** How often is committed under such a guarantee, ms. */
export function commitIntervalOf(
  values: Pick<RunValues, "commit-interval">,
  guarantee: Durability["guarantee"],
): number {
  return values["commit-interval"] ?? COMMIT_INTERVAL_MS[guarantee];
}

/** Whether one of the outputs is a file. */
export function writesFile(values: DurabilityValues): boolean {
  return sinksOf(values).some(([, sink]) => sink?.kind === "file");
}

/**
 * Output files of a durable run are written behind what is there, which earlier
 * runs have promised; null where that is no question. Throws a `UsageError` when
 * they are to be replaced.
 */
export function durableFileOf(values: DurabilityValues): "append" | null {
  const guarantee = guaranteeOf(values);
  if (guarantee === "none" || !writesFile(values)) return null;
  if (!values.overwrite) return "append";
  throw new UsageError(
    `Cannot run: --overwrite would replace what runs before have written, which --guarantee ${guarantee} keeps: remove the file, or add --guarantee none`,
  );
}

function checkInput(values: DurabilityValues, guarantee: Guarantee): void {
  const refuse = (what: string) =>
    new UsageError(`Cannot run: --guarantee ${guarantee} ${what}`);
  if (values.from.kind !== "kafka") {
    throw refuse(
      "needs --from kafka:TOPIC: other inputs have no offsets to commit, add --guarantee none",
    );
  }
  if (values.bounded) {
    throw refuse(
      "and --bounded exclude each other: such a run starts fresh and commits nothing, add --guarantee none",
    );
  }
  if (values["on-new-topic"] === "flush") {
    throw refuse(
      `and --on-new-topic flush exclude each other: what is committed is of the topic that was; add --on-new-topic drop, or --guarantee none, or start anew with: ${resetCommandOf(values, values.from.topic)}`,
    );
  }
  if (values["route-by"] === "key") {
    throw refuse(
      "needs --route-by visit_id: who takes a session over must follow from its visit_id; or add --guarantee none",
    );
  }
}

/** What is outside of Kafka is in none of its transactions. */
function checkTopics(values: DurabilityValues): void {
  for (const [flag, sink] of sinksOf(values)) {
    if (!isOutsideKafka(sink)) continue;
    throw new UsageError(
      `Cannot run: --guarantee exactly-once needs a topic, such as ${flag} kafka:TOPIC: files and stdout are outside of its transactions, --guarantee at-least-once writes them`,
    );
  }
}

/** Whether what is written there is in no transaction. */
function isOutsideKafka(sink: SinkSpec | null): boolean {
  return sink?.kind === "file" || sink?.kind === "stdout";
}

function checkTimes(values: DurabilityValues, intervalMs: number): void {
  if (values["transaction-timeout"] > 2 * intervalMs) return;
  throw new UsageError(
    `Cannot run: --transaction-timeout must be more than two commit intervals, which are ${formatDuration(2 * intervalMs)}, got ${formatDuration(values["transaction-timeout"])}`,
  );
}

function resetCommandOf(values: DurabilityValues, topic: string): string {
  const { brokers, group, "kafka-config": securityFile } = values;
  const windowLog = windowLogOf(values);
  const kafka = { brokers, group, securityFile };
  return stateCommand("reset", { kafka, topic, windowLog });
}

/** The topic of the open windows. Throws a `UsageError` when it has no name. */
export function windowLogOf(
  values: Pick<DurabilityValues, "group" | "window-log">,
): string {
  const named = values["window-log"];
  if (named !== null) return named;
  const topic = `sessionmill-${values.group}-windows`;
  if (isKafkaName(topic)) return topic;
  throw new UsageError(
    `Cannot name the window log after the group: no topic can be called ${JSON.stringify(topic)}, add --window-log TOPIC`,
  );
}

/** Without a name of its own, no later process can be taken for this one. */
function transactionalIdOf({ group, instance }: DurabilityValues): string {
  const id = `${group}-${instance ?? crypto.randomUUID()}`;
  const bytes = Buffer.byteLength(JSON.stringify(id));
  if (bytes <= MAX_TRANSACTIONAL_ID_BYTES) return id;
  throw new UsageError(
    `Cannot run: a transactional id of --group and --instance may have ${MAX_TRANSACTIONAL_ID_BYTES} bytes, this one has ${bytes}: shorten them`,
  );
}

function sinksOf(
  values: DurabilityValues,
): readonly (readonly [string, SinkSpec | null])[] {
  return [
    ["--to", values.to],
    ["--late-to", values["late-to"]],
    ["--dead-letter-to", values["dead-letter-to"]],
  ];
}
