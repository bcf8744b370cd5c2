import type { PartitionProgress, Source } from "../source/source.ts";
import type { Assignment } from "./assignment.ts";
import type { InputProgress } from "./run_meters.ts";

/** How far the input is read, where its owned partitions stand so. */
export function inputProgress(
  partitions: readonly PartitionProgress[],
  {
    source,
    assignment,
  }: {
    source: Pick<Source, "extent">;
    assignment: Pick<Assignment, "hold">;
  },
): InputProgress {
  return {
    hold: assignment.hold(),
    lag: totalLag(partitions),
    extent: source.extent?.() ?? null,
  };
}

/** Records that wait in all partitions; null when that is not known of one. */
function totalLag(partitions: readonly PartitionProgress[]): number | null {
  let total: number | null = null;
  for (const { lag } of partitions) {
    if (lag === null) return null;
    total = (total ?? 0) + lag;
  }
  return total;
}
