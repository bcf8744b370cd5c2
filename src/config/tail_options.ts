import { GENERAL_OPTIONS } from "./general_options.ts";
import { KAFKA_OPTIONS } from "./kafka_options.ts";
import { option, optionalOption } from "./option.ts";
import { SWITCH, textType } from "./plain_types.ts";
import { integerType } from "./quantity_types.ts";
import { STATE_OPTIONS } from "./state_options.ts";

const GROUP = "Input and output:";

/** Everything that `sessionmill tail` takes. */
export const TAIL_OPTIONS = {
  "from-beginning": option(SWITCH, {
    flag: "--from-beginning",
    description: "show first what is there already",
    group: GROUP,
    defaultText: "false",
    settableIn: "flag",
  }),
  limit: optionalOption(integerType(1, Number.MAX_SAFE_INTEGER), {
    flag: "--limit",
    placeholder: "N",
    description: "end after so many sessions",
    group: GROUP,
    settableIn: "flag",
  }),
  filter: optionalOption(textType("a visit_id"), {
    flag: "--filter",
    placeholder: "VISIT_ID",
    description: "show the sessions of this visit_id alone",
    group: GROUP,
    settableIn: "flag",
  }),
  json: {
    ...STATE_OPTIONS.json,
    description: "print records as JSON, one a line, with headers",
  },
  brokers: KAFKA_OPTIONS.brokers,
  "kafka-config": KAFKA_OPTIONS["kafka-config"],
  ...GENERAL_OPTIONS,
} as const;
