import type { StormScale, StormScenario } from "./scenario.ts";
import { Storm, type StormResult } from "./storm.ts";
import { SecondBroker, startStormBroker } from "./storm_broker.ts";
import type { StormOptions } from "./storm_options.ts";

const EXAMPLE_LENGTH_MAX = 400;

/** How a storm is made, but for its brokers. */
export type StormSetting = Omit<StormOptions, "broker" | "second">;

/** Runs a scenario on brokers of its own, and checks what it has left behind. */
export async function runStorm(
  scenario: StormScenario,
  scale: StormScale,
  setting: StormSetting,
): Promise<StormResult> {
  const { isReplicated = false, load } = scenario;
  const broker = await startStormBroker({ isReplicated });
  const second = isReplicated ? await SecondBroker.start(broker) : null;
  const storm = await Storm.begin({ ...load, ...setting, broker, second });
  try {
    await scenario.act(storm, scale);
    return await storm.finish();
  } finally {
    await storm.abandon();
    await second?.remove();
    await broker.stop();
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
