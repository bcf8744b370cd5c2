import type { GeneratorConfig } from "./config.ts";
import { DEFAULT_GENERATOR } from "./generator_defaults.ts";
import { formatInstant, INSTANT_MS } from "./instant_types.ts";
import { option, optionalOption } from "./option.ts";
import { integerType, PERCENT, RATE } from "./quantity_types.ts";

const GROUP = "Generated visits:";
const DEFAULTS = generatorTexts(DEFAULT_GENERATOR);

/** What the generator makes. */
export const GENERATOR_OPTIONS = {
  count: optionalOption(integerType(0, 1_000_000_000_000), {
    flag: "--count",
    placeholder: "N",
    description: "number of visits (default: no end)",
    group: GROUP,
  }),
  rate: optionalOption(RATE, {
    flag: "--rate",
    placeholder: "N/s",
    description: "visits a second (default: no limit)",
    group: GROUP,
  }),
  seed: option(integerType(0, 4_294_967_295), {
    flag: "--seed",
    placeholder: "N",
    description: "same seed, same bytes",
    group: GROUP,
    defaultText: DEFAULTS.seed!,
  }),
  active: option(integerType(1, 10_000_000), {
    flag: "--active",
    placeholder: "N",
    description: "visitors at the same time",
    group: GROUP,
    defaultText: DEFAULTS.active!,
  }),
  "start-time": option(INSTANT_MS, {
    flag: "--start-time",
    placeholder: "ISO",
    description: "first event time",
    group: GROUP,
    defaultText: DEFAULTS["start-time"]!,
  }),
  "late-percent": percentOption("late", "visits that come late"),
  "duplicate-percent": percentOption("duplicate", "visits made twice"),
  "missing-percent": percentOption("missing", "visits that lack a field"),
  "unprocessable-percent": percentOption("unprocessable", "broken records"),
} as const;

/** A generator's settings as the text that the options would be given. */
export function generatorTexts(
  generator: GeneratorConfig,
): Record<string, string> {
  const texts: Record<string, string> = {
    seed: String(generator.seed),
    active: String(generator.active),
    "start-time": formatInstant(generator.startTimeMs),
    "late-percent": String(generator.latePercent),
    "duplicate-percent": String(generator.duplicatePercent),
    "missing-percent": String(generator.missingPercent),
    "unprocessable-percent": String(generator.unprocessablePercent),
  };
  if (generator.count !== null) texts.count = String(generator.count);
  if (generator.ratePerSecond !== null) {
    texts.rate = String(generator.ratePerSecond);
  }
  return texts;
}

function percentOption(name: string, description: string) {
  const key = `${name}-percent`;
  return option(PERCENT, {
    flag: `--${key}`,
    placeholder: "P",
    description,
    group: GROUP,
    defaultText: DEFAULTS[key]!,
  });
}
