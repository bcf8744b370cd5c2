import type { GeneratorConfig } from "./config.ts";

/** Endless and clean visits, as fast as they are taken. */
export const DEFAULT_GENERATOR: GeneratorConfig = {
  count: null,
  ratePerSecond: null,
  seed: 1,
  active: 5_000,
  startTimeMs: Date.UTC(2024, 5, 1),
  latePercent: 0,
  duplicatePercent: 0,
  missingPercent: 0,
  unprocessablePercent: 0,
};

/** A bit more than two hours of visits, with a little of all that goes wrong. */
export const DEMO_GENERATOR: GeneratorConfig = {
  ...DEFAULT_GENERATOR,
  count: 200_000,
  latePercent: 0.5,
  duplicatePercent: 0.5,
  missingPercent: 0.2,
  unprocessablePercent: 0.1,
};
