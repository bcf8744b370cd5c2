import { errorType, isRetriable } from "./client_trouble.ts";
import type { ProducerIdentity } from "./outgoing_batch.ts";
import type { PartitionQueue } from "./partition_queue.ts";
import type { BrokerPool } from "./private/send_seam.ts";

/** kafkajs wants it also where there is no transaction, ms. */
const TRANSACTION_TIMEOUT_MS = 60_000;

/**
 * Connects and gets a producer id; null while the cluster is still starting:
 * it has no coordinator for producer ids then. Throws when it cannot be had.
 */
export async function tryToIdentify(
  pool: BrokerPool,
): Promise<ProducerIdentity | null> {
  try {
    await pool.connect();
    const broker = await pool.findConnectedBroker();
    const { producerId, producerEpoch } = await broker.initProducerId({
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
    });
    const id = BigInt(producerId);
    return { producerId: id, producerEpoch, transactional: false };
  } catch (error) {
    if (isRetriable(error) && errorType(error) !== null) return null;
    throw error;
  }
}

/** Finds the leaders of `lost`; tells of each that has none why. */
export async function findLeaders(
  pool: BrokerPool,
  topic: string,
  lost: readonly PartitionQueue[],
  onTrouble: (queue: PartitionQueue, error: unknown) => void,
): Promise<void> {
  try {
    await pool.refreshMetadata([topic]);
  } catch (error) {
    for (const queue of lost) onTrouble(queue, error);
    return;
  }
  const found = pool.metadata?.topicMetadata ?? [];
  const known = found.find((each) => each.topic === topic);
  for (const queue of lost) {
    const { partition } = queue;
    const leader = known?.partitionMetadata.find(
      ({ partitionId }) => partitionId === partition,
    )?.leader;
    if (leader !== undefined && leader >= 0) queue.leader = leader;
    else onTrouble(queue, noLeader(partition));
  }
}

/** Why a partition cannot be written to now. */
export function noLeader(partition: number): Error {
  const error = new Error(`partition ${partition} has no leader`);
  return Object.assign(error, { retriable: true });
}
