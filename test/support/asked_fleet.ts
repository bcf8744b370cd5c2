import { WALL_CLOCK } from "../../src/clock.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import { ACTIVE } from "../../src/watermark/partition_state.ts";

/** A dispatcher of shards that are asked for sessions, and what has ended its job. */
export function dispatch(
  fleet: ShardRunner,
  routeBy: "visit_id" | "key" = "visit_id",
) {
  const failures: unknown[] = [];
  const dispatcher = new Dispatcher(
    fleet,
    {
      ...{ inFlightLimitBytes: 1 << 20, outputLimitBytes: 1 << 20, routeBy },
      ...{ topic: "visits", keepsRecords: false, watermarks: "merged" },
      clock: WALL_CLOCK,
    },
    {
      onReport: async () => {},
      onFailure: (error) => failures.push(error),
    },
  );
  dispatcher.setState(0, ACTIVE);
  return { dispatcher, lookups: dispatcher.lookups, failures };
}
