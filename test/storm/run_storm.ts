import type { StormScale, StormScenario } from "./scenario.ts";
import { Storm, type StormResult } from "./storm.ts";
import type { StormOptions } from "./storm_options.ts";

const EXAMPLE_LENGTH_MAX = 400;

/** Runs a scenario to its end and checks what it has left behind. */
export async function runStorm(
  scenario: StormScenario,
  scale: StormScale,
  options: StormOptions,
): Promise<StormResult> {
  const storm = await Storm.begin({ ...scenario.load, ...options });
  try {
    await scenario.act(storm, scale);
    return await storm.finish();
  } finally {
    await storm.abandon();
  }
}

/** The faults of a storm as lines; none when there are none. */
export function faultText({ faults }: StormResult): string {
  return faults
    .map(({ check, count, examples }) => {
      const lines = examples.map(
        (example) => `    ${example.slice(0, EXAMPLE_LENGTH_MAX)}\n`,
      );
      return `  ${count} times: ${check}\n${lines.join("")}`;
    })
    .join("");
}
