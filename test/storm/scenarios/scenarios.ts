import type { StormScenario } from "../scenario.ts";
import {
  BROKER_FROZEN,
  BROKER_KILLS,
  BROKER_RESTARTS,
} from "./broker_faults.ts";
import { PARTITIONS_ADDED, POISON, SCATTERED } from "./inputs.ts";
import { KILL_POINTS } from "./kill_points.ts";
import { KILLS, NAMELESS_KILLS, STOPS } from "./kills.ts";
import { LATE_JOIN, PROCESSES, SAME_NAME, ZOMBIE } from "./processes.ts";
import { SHARD_FAULTS, SHARD_FAULTS_TOO_MANY } from "./shard_faults.ts";
import { SLOW_SINK, TWO_BROKERS } from "./slow_brokers.ts";

/** All of them, in the order in which `npm run test:storm` takes them. */
export const STORM_SCENARIOS: readonly StormScenario[] = [
  KILL_POINTS,
  SHARD_FAULTS,
  SHARD_FAULTS_TOO_MANY,
  BROKER_RESTARTS,
  BROKER_KILLS,
  BROKER_FROZEN,
  TWO_BROKERS,
  SLOW_SINK,
  SAME_NAME,
  LATE_JOIN,
  ZOMBIE,
  PROCESSES,
  POISON,
  PARTITIONS_ADDED,
  SCATTERED,
  STOPS,
  NAMELESS_KILLS,
  KILLS,
];
