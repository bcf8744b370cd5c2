import type { StormScenario } from "../scenario.ts";
import { KILLS, NAMELESS_KILLS, STOPS } from "./kills.ts";

/** All of them, in the order in which `npm run test:storm` takes them. */
export const STORM_SCENARIOS: readonly StormScenario[] = [
  KILLS,
  NAMELESS_KILLS,
  STOPS,
];
