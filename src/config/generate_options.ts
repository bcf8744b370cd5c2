import { GENERAL_OPTIONS, PROGRESS_OPTIONS } from "./general_options.ts";
import { GENERATOR_OPTIONS } from "./generator_options.ts";
import { KAFKA_OPTIONS } from "./kafka_options.ts";
import { option, optionalOption, type ValuesOf } from "./option.ts";
import { OUTPUT_FILE_OPTIONS } from "./output_options.ts";
import { SINK } from "./place_types.ts";
import { textType } from "./plain_types.ts";

const GROUP = "Input and output:";

/** Everything that `sessionmill generate` takes. */
export const GENERATE_OPTIONS = {
  // Not `to`: a file or environment made for `run` must not send generated
  // visits to where the sessions go.
  "visits-to": option(SINK, {
    flag: "--to",
    placeholder: "SINK",
    description: "where visits go",
    group: GROUP,
    defaultText: "-",
  }),
  ...OUTPUT_FILE_OPTIONS,
  dataset: optionalOption(textType("the path of a YAML file"), {
    flag: "--dataset",
    placeholder: "FILE",
    description: "a data set description, YAML; flags win over it",
    group: GROUP,
  }),
  ...GENERATOR_OPTIONS,
  ...KAFKA_OPTIONS,
  ...PROGRESS_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;

/** The values of `GENERATE_OPTIONS`. */
export type GenerateValues = ValuesOf<typeof GENERATE_OPTIONS>;
