import type { GeneratorConfig } from "./config.ts";
import type { GENERATOR_OPTIONS } from "./generator_options.ts";
import type { ValuesOf } from "./option.ts";

/** What the generator makes. */
export function generatorConfigOf(
  values: ValuesOf<typeof GENERATOR_OPTIONS>,
): GeneratorConfig {
  return {
    count: values.count,
    ratePerSecond: values.rate,
    seed: values.seed,
    active: values.active,
    startTimeMs: values["start-time"],
    latePercent: values["late-percent"],
    duplicatePercent: values["duplicate-percent"],
    missingPercent: values["missing-percent"],
    unprocessablePercent: values["unprocessable-percent"],
  };
}
