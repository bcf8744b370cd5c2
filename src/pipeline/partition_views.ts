import type { Dispatcher } from "../fleet/dispatcher.ts";
import type { PartitionView } from "../observe/run_view.ts";
import type { PartitionProgress } from "../source/source.ts";
import {
  FINISHED,
  IDLE,
  type PartitionState,
} from "../watermark/partition_state.ts";
import type { Assignment } from "./assignment.ts";

/** What knows of the partitions of a run. */
export interface PartitionParts {
  readonly assignment: Pick<
    Assignment,
    "owned" | "stateOf" | "hold" | "holdOf"
  >;
  readonly dispatcher: Pick<Dispatcher, "clocksMs">;
  readonly outOfOrdernessMs: number;
}

/** What is known of a partition that the source does not tell of. */
const UNREAD = {
  ...{ position: null, endOffset: null, lag: null },
  isCaughtUp: false,
};

/** How the owned partitions stand, which are read so far. */
export function partitionViews(
  read: readonly PartitionProgress[],
  { assignment, dispatcher, outOfOrdernessMs }: PartitionParts,
): PartitionView[] {
  const hold = assignment.hold();
  return [...assignment.owned()].map((partition) => {
    const progress = read.find((each) => each.partition === partition);
    const { silentMs, idleInMs } = assignment.holdOf(partition);
    const clockMs = dispatcher.clocksMs[partition] ?? -Infinity;
    const hasClock = clockMs > -Infinity;
    return {
      ...UNREAD,
      ...progress,
      ...{ partition, silentMs, idleInMs },
      state: stateName(assignment.stateOf(partition)),
      clockMs: hasClock ? clockMs : null,
      watermarkMs: hasClock ? clockMs - outOfOrdernessMs - 1 : null,
      holdsWatermark: hold?.partition === partition,
    };
  });
}

function stateName(state: PartitionState): PartitionView["state"] {
  if (state === IDLE) return "idle";
  return state === FINISHED ? "finished" : "active";
}
