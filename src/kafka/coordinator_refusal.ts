import type { KafkaConfig } from "../config/config.ts";
import { createKafka } from "./client.ts";
import { createSendCluster } from "./private/send_seam.ts";
import {
  type CoordinatorKey,
  findCoordinator,
} from "./private/transaction_seam.ts";

const RETRIES = 5;

/**
 * The error code with which brokers refuse to name a coordinator; 0 when they do
 * not. kafkajs says of one that is forbidden only that it is not found.
 */
export async function coordinatorRefusal(
  kafka: KafkaConfig,
  key: CoordinatorKey,
): Promise<number> {
  const cluster = createSendCluster(createKafka(kafka, { retries: RETRIES }));
  try {
    await cluster.brokerPool.connect();
    const broker = await cluster.brokerPool.findConnectedBroker();
    return (await findCoordinator(broker, key)).errorCode;
  } finally {
    await cluster.disconnect();
  }
}

/** True for the error with which kafkajs says that it has found no coordinator. */
export function isNoCoordinator(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at.name === "KafkaJSGroupCoordinatorNotFound") return true;
  }
  return false;
}
