import { availableParallelism } from "node:os";
import { ADMIN_OPTIONS } from "./admin_options.ts";
import { DURABILITY_OPTIONS } from "./durability_options.ts";
import { GENERAL_OPTIONS, PROGRESS_OPTIONS } from "./general_options.ts";
import { GENERATOR_OPTIONS } from "./generator_options.ts";
import { KAFKA_GROUP_OPTIONS, KAFKA_OPTIONS } from "./kafka_options.ts";
import { option, optionalOption, type ValuesOf } from "./option.ts";
import { OUTPUT_FILE_OPTIONS } from "./output_options.ts";
import { SINK, SOURCE } from "./place_types.ts";
import { choiceType, SWITCH, textType } from "./plain_types.ts";
import { durationType, integerType, sizeType } from "./quantity_types.ts";
import { WINDOW_OPTIONS } from "./window_options.ts";

const GROUP = "Input and output:";
const TUNING_GROUP = "Performance:";
const MIB = 1024 ** 2;

const INPUT_OUTPUT_OPTIONS = {
  from: option(SOURCE, {
    flag: "--from",
    placeholder: "SRC",
    description: "where visits come from",
    group: GROUP,
    defaultText: "kafka:visits",
  }),
  to: option(SINK, {
    flag: "--to",
    placeholder: "SINK",
    description: "where sessions go",
    group: GROUP,
    defaultText: "kafka:sessions",
  }),
  "late-to": optionalOption(SINK, {
    flag: "--late-to",
    placeholder: "SINK",
    description: "where late visits go (default: nowhere)",
    group: GROUP,
  }),
  "dead-letter-to": optionalOption(SINK, {
    flag: "--dead-letter-to",
    placeholder: "SINK",
    description: "where rejected records go (default: nowhere)",
    group: GROUP,
  }),
  ...OUTPUT_FILE_OPTIONS,
  bounded: option(SWITCH, {
    flag: "--bounded",
    description:
      "stop at the end as it is now, close all sessions as final; --group is not used",
    group: GROUP,
    defaultText: "false",
  }),
  live: option(SWITCH, {
    flag: "--live",
    description:
      "watermarks as time goes, also where the input ends: sessions come " +
      "sooner, but which visits are late may differ from run to run",
    group: GROUP,
    defaultText: "false",
  }),
  deterministic: option(SWITCH, {
    flag: "--deterministic",
    description: "the same result in each run, also of a generator with --rate",
    group: GROUP,
    defaultText: "false",
  }),
  "allow-empty": option(SWITCH, {
    flag: "--allow-empty",
    description: "succeed also when no record is a visit",
    group: GROUP,
    defaultText: "false",
  }),
  "with-metadata": option(SWITCH, {
    flag: "--with-metadata",
    description: "add session headers to JSON lines",
    group: GROUP,
    defaultText: "false",
  }),
} as const;

/** One core is the main thread's, which feeds the shards and ships what they make. */
const DEFAULT_WORKERS = Math.min(256, Math.max(1, availableParallelism() - 1));

/** The number of shards, for commands that drive them. */
export const WORKERS_OPTIONS = {
  workers: option(integerType(1, 256), {
    flag: "--workers",
    placeholder: "N",
    description: "shards, a thread each",
    group: TUNING_GROUP,
    defaultText: String(DEFAULT_WORKERS),
    defaultNote: `cores less one, ${DEFAULT_WORKERS} here`,
  }),
} as const;

/** The limit on records, for commands that read them. */
export const RECORD_LIMIT_OPTIONS = {
  "max-record-bytes": option(sizeType(1, 256 * MIB), {
    flag: "--max-record-bytes",
    placeholder: "SIZE",
    description: "reject larger records",
    group: GROUP,
    defaultText: "1MiB",
  }),
} as const;

const TUNING_OPTIONS = {
  "max-in-flight-bytes": optionalOption(sizeType(MIB, 16 * 1024 * MIB), {
    flag: "--max-in-flight-bytes",
    placeholder: "SIZE",
    description: "pause input above this",
    group: TUNING_GROUP,
    defaultNote: "8MiB, and 6MiB a worker, and a record at least",
  }),
  "route-by": option(choiceType(["visit_id", "key"]), {
    flag: "--route-by",
    placeholder: "FIELD",
    description: "visit_id, or trust the key",
    group: TUNING_GROUP,
    defaultText: "visit_id",
  }),
  histograms: optionalOption(textType("the path of a folder"), {
    flag: "--histograms",
    placeholder: "DIR",
    description: "write .hgrm and .hlog files there",
    group: TUNING_GROUP,
  }),
} as const;

const IDLE_OPTIONS = {
  "idle-timeout": option(durationType(0), {
    flag: "--idle-timeout",
    placeholder: "TIME",
    description: "stop waiting for a quiet partition after this, 0 for never",
    group: "Sessions:",
    defaultText: "30s",
  }),
} as const;

/** Everything that `sessionmill run` takes. */
export const RUN_OPTIONS = {
  ...INPUT_OUTPUT_OPTIONS,
  ...RECORD_LIMIT_OPTIONS,
  ...WINDOW_OPTIONS,
  ...IDLE_OPTIONS,
  ...KAFKA_OPTIONS,
  ...KAFKA_GROUP_OPTIONS,
  ...DURABILITY_OPTIONS,
  ...WORKERS_OPTIONS,
  ...TUNING_OPTIONS,
  ...ADMIN_OPTIONS,
  ...GENERATOR_OPTIONS,
  ...PROGRESS_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;

/** The values of `RUN_OPTIONS`. */
export type RunValues = ValuesOf<typeof RUN_OPTIONS>;
