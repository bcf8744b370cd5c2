import { setTimeout as sleep } from "node:timers/promises";
import { errorType, isRetriable } from "./client_trouble.ts";
import type { ProducerIdentity } from "./outgoing_batch.ts";
import type { BrokerPool } from "./private/send_seam.ts";

/** kafkajs wants it also where there is no transaction, ms. */
const TRANSACTION_TIMEOUT_MS = 60_000;
const PAUSE_MS = 50;

/**
 * Connects and gets a producer id; null when it is given up before that. A
 * cluster that is still starting has no coordinator for producer ids. Throws
 * when there is none to be had.
 */
export async function identify(
  pool: BrokerPool,
  isGivenUp: () => boolean,
): Promise<ProducerIdentity | null> {
  while (!isGivenUp()) {
    const identity = await tryToIdentify(pool);
    if (identity !== null) return identity;
    await sleep(PAUSE_MS);
  }
  return null;
}

async function tryToIdentify(
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
