import { DURABILITY_OPTIONS } from "./durability_options.ts";
import { GENERAL_OPTIONS } from "./general_options.ts";
import { KAFKA_GROUP_OPTIONS, KAFKA_OPTIONS } from "./kafka_options.ts";
import { option } from "./option.ts";
import { SWITCH } from "./plain_types.ts";
import { RUN_OPTIONS } from "./run_options.ts";

const GROUP = "Input and output:";

/** Everything that `sessionmill state` takes. */
export const STATE_OPTIONS = {
  from: RUN_OPTIONS.from,
  json: option(SWITCH, {
    flag: "--json",
    description: "print JSON instead of a table",
    group: GROUP,
    defaultText: "false",
    settableIn: "flag",
  }),
  yes: option(SWITCH, {
    flag: "--yes",
    description: "reset without a question",
    group: GROUP,
    defaultText: "false",
    settableIn: "flag",
  }),
  brokers: KAFKA_OPTIONS.brokers,
  "kafka-config": KAFKA_OPTIONS["kafka-config"],
  group: KAFKA_GROUP_OPTIONS.group,
  "window-log": DURABILITY_OPTIONS["window-log"],
  ...GENERAL_OPTIONS,
} as const;
