import type { FetchCluster } from "../../kafka/private/fetch_seam.ts";
import type { LossListener } from "./partition_assignments.ts";
import type { PartitionPosition } from "./partition_position.ts";

/** Offsets by partition. */
type Offsets = ReadonlyMap<number, number>;

/** The first or last offset of each partition: `end` is the last stable one. */
export async function readOffsets(
  cluster: FetchCluster,
  topic: string,
  options: { readonly partitions: readonly number[]; readonly end: boolean },
): Promise<Offsets> {
  const partitions = options.partitions.map((partition) => ({ partition }));
  const fromBeginning = !options.end;
  const [answer] = await cluster.fetchTopicsOffset([
    { topic, partitions, fromBeginning },
  ]);
  const offsets = answer?.partitions ?? [];
  return new Map(
    offsets.map(({ partition, offset }) => [partition, Number(offset)]),
  );
}

/** What placing positions takes. */
export interface Placing {
  readonly cluster: FetchCluster;
  readonly topic: string;
  readonly losses: LossListener;
  /** False for a position that was given away meanwhile. */
  readonly isOwned: (position: PartitionPosition) => boolean;
}

/** Finds where those go on that have no offset, or one that is not there. */
export async function placePositions(
  positions: readonly PartitionPosition[],
  { cluster, topic, losses, isOwned }: Placing,
): Promise<void> {
  const astray = positions.filter(
    (each) => each.offset < 0 || each.isOutOfRange,
  );
  if (astray.length === 0) return;
  const partitions = astray.map(({ partition }) => partition);
  const starts = await readOffsets(cluster, topic, { partitions, end: false });
  const ends = await readOffsets(cluster, topic, { partitions, end: true });
  for (const position of astray.filter(isOwned)) {
    const start = starts.get(position.partition) ?? -1;
    const end = ends.get(position.partition) ?? -1;
    if (start < 0 || end < 0) throw new Error("offset is not known");
    const { offset, beginsAtEnd } = position;
    if (offset >= 0 && offset < start) losses.onGone(position, start);
    if (offset > end) losses.onCut(position, end);
    else if (offset < 0 && beginsAtEnd) position.moveTo(end);
    else position.moveTo(Math.max(offset, start));
  }
}
