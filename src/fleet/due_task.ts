import type { FleetClock } from "./dispatcher_parts.ts";
import type { ShardLink } from "./shard_link.ts";

/** Tasks a shard may have before it gets a batch that is not full. */
const OUTSTANDING_MAX = 2;
/** News wait so long for those of other shards that are at work, ms. */
const NEWS_WAIT_MS = 5;

/** What there is for the shards, and how much they have to do. */
export interface FleetState {
  readonly links: readonly ShardLink[];
  /** Rows of more chunks come for sure, and soon. */
  readonly isDealing: boolean;
  /** More records come for sure: a batch that is not full waits for them. */
  readonly isFilling: boolean;
  /** Version of the news of time. */
  readonly version: number;
  readonly clock: Pick<FleetClock, "nowMs">;
}

/** The shards that should get a task although it would not be full. */
export function dueLinks(fleet: FleetState): ShardLink[] {
  const areIdle = fleet.links.every(({ outstanding }) => outstanding === 0);
  const state = { ...fleet, areIdle };
  return fleet.links.filter((link) => isDue(link, state));
}

function isDue(
  link: ShardLink,
  fleet: FleetState & { readonly areIdle: boolean },
): boolean {
  const { outstanding, batch, chunksSince } = link;
  const isIdle = outstanding === 0;
  if (isIdle && link.hasBacklog) return true;
  // A task a chunk is enough for all shards.
  const chunks = fleet.links.length * (1 + outstanding);
  if (fleet.isDealing && chunksSince < chunks) return false;
  const hasRoom = isIdle || (outstanding < OUTSTANDING_MAX && !batch.isSmall);
  if (!batch.isEmpty && hasRoom && !fleet.isFilling) return true;
  if (!isIdle || link.knows(fleet.version)) return false;
  // Else each report of one would be news for all others at once.
  return fleet.areIdle || link.restMs(fleet.clock.nowMs()) >= NEWS_WAIT_MS;
}
