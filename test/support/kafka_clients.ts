import { after, before } from "node:test";
import { type Admin, Kafka, logLevel, type Producer } from "kafkajs";

/** Stock clients, connected while the tests of the calling file run. */
export function kafkaClients(brokers: string): {
  readonly admin: Admin;
  readonly producer: Producer;
} {
  const kafka = new Kafka({
    brokers: brokers.split(","),
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  // A partition of a new topic may not be ready: then kafkajs sends the whole
  // request again, and the others must not have its records twice.
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  before(async () => {
    await admin.connect();
    await producer.connect();
  });
  after(async () => {
    await producer.disconnect();
    await admin.disconnect();
  });
  return { admin, producer };
}
