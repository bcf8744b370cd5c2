import { createRequire } from "node:module";
import { createKafka } from "../../src/kafka/client.ts";
import type { GroupSeat } from "../../src/kafka/group_seat.ts";
import {
  createSendCluster,
  type SendBroker,
} from "../../src/kafka/private/send_seam.ts";
import { findCoordinator } from "../../src/kafka/private/transaction_seam.ts";
import { kafkaConfig } from "./kafka_config.ts";
import { waitUntil } from "./wait_until.ts";

// kafkajs' brokers leave out the name of a static member.
const require = createRequire(import.meta.url);
const MAKERS = {
  join: require("kafkajs/src/protocol/requests/joinGroup/index.js").protocol({
    version: 5,
  }),
  sync: require("kafkajs/src/protocol/requests/syncGroup/index.js").protocol({
    version: 3,
  }),
};

/** A broker to send requests to by hand; it is every group's coordinator. */
export async function handBroker(
  brokers: string,
): Promise<{ broker: SendBroker; close: () => Promise<void> }> {
  const kafka = createKafka(kafkaConfig(brokers));
  const pool = createSendCluster(kafka).brokerPool;
  await pool.connect();
  const broker = await pool.findConnectedBroker();
  return { broker, close: () => pool.disconnect() };
}

/**
 * Joins a group as its only member, or as a static one that takes the seat of
 * that name; it lives for half a minute without a heartbeat.
 */
export async function joinGroup(
  broker: SendBroker,
  group: string,
  groupInstanceId: string | null = null,
): Promise<GroupSeat> {
  let memberId = "";
  let generationId = -1;
  // A new broker's coordinators come into being when they are asked for.
  await waitUntil(async () => {
    const key = { kind: "group", name: group } as const;
    return (await findCoordinator(broker, key)).errorCode === 0;
  });
  await waitUntil(async () => {
    try {
      const joined = await send<{ memberId: string; generationId: number }>(
        broker,
        MAKERS.join({
          groupId: group,
          sessionTimeout: 30_000,
          rebalanceTimeout: 30_000,
          memberId,
          groupInstanceId,
          protocolType: "consumer",
          groupProtocols: [{ name: "by hand" }],
        }),
      );
      ({ memberId, generationId } = joined);
      return true;
    } catch (error) {
      // The coordinator gives a new member its id first.
      memberId = (error as { memberId?: string }).memberId ?? "";
      return false;
    }
  });
  await send(
    broker,
    MAKERS.sync({
      groupId: group,
      generationId,
      memberId,
      groupInstanceId,
      groupAssignment: [{ memberId, memberAssignment: Buffer.alloc(0) }],
    }),
  );
  return { memberId, generationId, groupInstanceId };
}

async function send<A>(broker: SendBroker, request: object): Promise<A> {
  const quiet = { ...request, logResponseError: false };
  return (await broker.connectionPool.send(quiet)) as A;
}
