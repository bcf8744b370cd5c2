import { DEFAULT_GENERATOR } from "../config/generator_defaults.ts";
import type { JobRules } from "./load_plan.ts";

/** Beside gap and out-of-orderness: a session that is open is surely left alone. */
const BEHIND_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * The first event time of a load, ms: so far behind all clocks, those of the topic
 * and of the job's partitions, that no session there is takes visits of it.
 */
export function startTimeBehind(
  clocksMs: readonly (number | null)[],
  { gapMs, outOfOrdernessMs }: JobRules,
): number {
  const known = clocksMs.filter((ms) => ms !== null);
  if (known.length === 0) return DEFAULT_GENERATOR.startTimeMs;
  const latestMs = Math.max(...known) + BEHIND_MS + gapMs + outOfOrdernessMs;
  return Math.ceil(latestMs / MINUTE_MS) * MINUTE_MS;
}
