import { errorType, isRetriable } from "./client_trouble.ts";
import type { ProducerIdentity } from "./outgoing_batch.ts";
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
