import type { FetchCluster } from "../../kafka/private/fetch_seam.ts";
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

/** Where the log of a partition begins and ends. */
export interface LogRange {
  readonly start: number;
  readonly end: number;
}

/** The range of each position's log, in the order of the positions. */
export async function readLogRanges(
  cluster: FetchCluster,
  topic: string,
  positions: readonly PartitionPosition[],
): Promise<LogRange[]> {
  if (positions.length === 0) return [];
  const partitions = positions.map(({ partition }) => partition);
  const starts = await readOffsets(cluster, topic, { partitions, end: false });
  const ends = await readOffsets(cluster, topic, { partitions, end: true });
  return partitions.map((partition) => {
    const start = starts.get(partition) ?? -1;
    const end = ends.get(partition) ?? -1;
    if (start < 0 || end < 0) throw new Error("offset is not known");
    return { start, end };
  });
}
