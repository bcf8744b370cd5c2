import { noLeader } from "./leader_finder.ts";
import type { BrokerPool, SendBroker } from "./private/send_seam.ts";

/** What ListOffsets has for times. */
const TIMESTAMPS = { earliest: -2, "last stable": -1 } as const;

/**
 * The partitions by the broker that leads them, connected. Throws what kafkajs
 * throws, also while a leader is missing.
 */
export async function byLeader(
  pool: BrokerPool,
  topic: string,
  partitions: readonly number[],
): Promise<ReadonlyMap<SendBroker, readonly number[]>> {
  const any = await pool.findConnectedBroker();
  const { topicMetadata } = await any.metadata([topic]);
  const known = topicMetadata[0]?.partitionMetadata ?? [];
  const nodes = Map.groupBy(
    partitions,
    (partition) =>
      known.find(({ partitionId }) => partitionId === partition)?.leader ?? -1,
  );
  const brokers = new Map<SendBroker, readonly number[]>();
  for (const [node, own] of nodes) {
    const nodeId = String(node);
    if (node < 0) throw noLeader(own[0]!);
    if (!pool.getNodeIds().includes(nodeId))
      await pool.refreshMetadata([topic]);
    brokers.set(await pool.findBroker({ nodeId }), own);
  }
  return brokers;
}

/** One of the bounds of each partition, as a reader of committed records sees it. */
export async function listOffsets(
  broker: SendBroker,
  topic: string,
  partitions: readonly number[],
  bound: keyof typeof TIMESTAMPS,
): Promise<ReadonlyMap<number, number>> {
  const timestamp = TIMESTAMPS[bound];
  const { responses } = await broker.listOffsets({
    replicaId: -1,
    isolationLevel: 1,
    topics: [
      {
        topic,
        partitions: partitions.map((partition) => ({ partition, timestamp })),
      },
    ],
  });
  const found = responses[0]?.partitions ?? [];
  return new Map(found.map((each) => [each.partition, Number(each.offset)]));
}
