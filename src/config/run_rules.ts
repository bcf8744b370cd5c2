import { DURABILITY_OPTIONS as DURABILITY } from "./durability_options.ts";
import { GENERATE_OPTIONS } from "./generate_options.ts";
import { GENERATOR_OPTIONS as GENERATOR } from "./generator_options.ts";
import {
  KAFKA_OPTIONS as KAFKA,
  KAFKA_GROUP_OPTIONS as KAFKA_GROUP,
} from "./kafka_options.ts";
import {
  type MemberRules,
  member,
  orNull,
  ownMember,
  SOME_OBJECT,
} from "./members.ts";
import { RUN_OPTIONS as RUN } from "./run_options.ts";
import { WINDOW_OPTIONS as WINDOW } from "./window_options.ts";

const IS_TEXT = (value: unknown) => typeof value === "string";
const WORDS = ["refuse", "overwrite", "append"];
const EXISTING_FILE = ownMember('"refuse", "overwrite" or "append"', (value) =>
  WORDS.includes(value as string),
);

/** The rules that decide about sessions. */
export const WINDOW_RULES: MemberRules = {
  "window.gapMs": member(WINDOW.gap, "ms"),
  "window.outOfOrdernessMs": member(WINDOW["out-of-orderness"], "ms"),
  "window.allowedLatenessMs": member(WINDOW["allowed-lateness"], "ms"),
  "window.timePrecision": member(WINDOW["time-precision"]),
  "window.pageOrder": member(WINDOW["page-order"]),
  "window.maxSkewMs": orNull(member(WINDOW["max-skew"], "ms")),
};

/** How many threads read which records, and what a line says. */
export const SHARD_RULES: MemberRules = {
  workers: member(RUN.workers),
  maxRecordBytes: member(RUN["max-record-bytes"], "bytes"),
  withMetadata: member(RUN["with-metadata"]),
};

/** What each run has. */
export const RUN_RULES: MemberRules = {
  from: member(RUN.from, "place"),
  to: member(RUN.to, "place"),
  lateTo: orNull(member(RUN["late-to"], "place")),
  deadLetterTo: orNull(member(RUN["dead-letter-to"], "place")),
  existingFile: EXISTING_FILE,
  ...SHARD_RULES,
  ...WINDOW_RULES,
  idleTimeoutMs: member(RUN["idle-timeout"], "ms"),
  bounded: member(RUN.bounded),
  deterministic: member(RUN.deterministic),
  routeBy: member(RUN["route-by"]),
  maxInFlightBytes: member(RUN["max-in-flight-bytes"], "bytes"),
  histograms: orNull(member(RUN.histograms)),
  durability: orNull(SOME_OBJECT),
};

/** How to reach Kafka. */
export const KAFKA_RULES: MemberRules = {
  "kafka.brokers": member(KAFKA.brokers, "list"),
  "kafka.createTopics": member(KAFKA["create-topics"]),
  "kafka.security": SOME_OBJECT,
};

/** The same for a run that does not. */
export const NO_KAFKA_RULES: MemberRules = {
  "kafka.brokers": ownMember("a list", Array.isArray),
};

/** How a topic is read. */
export const KAFKA_SOURCE_RULES: MemberRules = {
  "kafka.group": member(KAFKA_GROUP.group),
  "kafkaSource.createSource": member(KAFKA_GROUP["create-source"]),
  "kafkaSource.metadataIntervalMs": member(
    KAFKA_GROUP["metadata-interval"],
    "ms",
  ),
  "kafkaSource.onNewTopic": member(KAFKA_GROUP["on-new-topic"]),
  "kafkaSource.instance": orNull(member(DURABILITY.instance)),
  "kafkaSource.sessionTimeoutMs": member(DURABILITY["session-timeout"], "ms"),
};

/** What a run keeps. */
export const DURABILITY_RULES: MemberRules = {
  "durability.guarantee": member(DURABILITY.guarantee),
  "durability.commitIntervalMs": member(DURABILITY["commit-interval"], "ms"),
  "durability.transactionTimeoutMs": member(
    DURABILITY["transaction-timeout"],
    "ms",
  ),
  "durability.windowLog": member(DURABILITY["window-log"]),
  "durability.transactionalId": ownMember("a text", IS_TEXT),
  "durability.shardTimeoutMs": member(DURABILITY["shard-timeout"], "ms"),
};

/** What the generator makes. */
export const GENERATOR_RULES: MemberRules = {
  "generator.count": orNull(member(GENERATOR.count)),
  "generator.ratePerSecond": orNull(member(GENERATOR.rate)),
  "generator.seed": member(GENERATOR.seed),
  "generator.active": member(GENERATOR.active),
  "generator.startTimeMs": member(GENERATOR["start-time"], "ms"),
  "generator.latePercent": member(GENERATOR["late-percent"]),
  "generator.duplicatePercent": member(GENERATOR["duplicate-percent"]),
  "generator.missingPercent": member(GENERATOR["missing-percent"]),
  "generator.unprocessablePercent": member(GENERATOR["unprocessable-percent"]),
};

/** What a program that generates visits says. */
export const GENERATE_RULES: MemberRules = {
  ...GENERATOR_RULES,
  to: member(GENERATE_OPTIONS["visits-to"], "place"),
  existingFile: ownMember(
    `nothing, or ${EXISTING_FILE.expected}`,
    (value) => value === undefined || EXISTING_FILE.isRight(value),
  ),
};

/** What a program that replays visits says. */
export const REPLAY_RULES: MemberRules = {
  input: ownMember('the path of a file, or "-" for stdin', IS_TEXT),
  ...SHARD_RULES,
  ...WINDOW_RULES,
  generationTime: orNull(ownMember("a text", IS_TEXT)),
};

/** How errors name what flags say, in a program. */
export const MEMBER_NAMES: ReadonlyMap<string, string> = new Map([
  ...namesOf(RUN_RULES),
  ...namesOf(KAFKA_RULES),
  ...namesOf(KAFKA_SOURCE_RULES),
  ...namesOf(DURABILITY_RULES),
  ...namesOf(GENERATOR_RULES),
  ["--overwrite", 'existingFile "overwrite"'],
  ["--append", 'existingFile "append"'],
  ["--live", "deterministic false"],
  ["--guarantee none", "durability null"],
]);

function namesOf(rules: MemberRules): [flag: string, name: string][] {
  return Object.entries(rules).flatMap(([name, { flag }]) =>
    flag === null ? [] : [[flag, name]],
  );
}
