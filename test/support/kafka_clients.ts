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
  const producer = kafka.producer();
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
