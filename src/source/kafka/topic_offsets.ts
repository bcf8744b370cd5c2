import type { FetchCluster } from "../../kafka/private/fetch_seam.ts";

/** The first or last offset of each partition: `end` is the last stable one. */
export async function readOffsets(
  cluster: FetchCluster,
  topic: string,
  options: { readonly partitions: readonly number[]; readonly end: boolean },
): Promise<Map<number, number>> {
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
