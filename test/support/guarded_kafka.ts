import kafkajs, { type Admin } from "kafkajs";
import { freePort } from "../../docker/local_kafka/free_port.ts";
import { startKafka } from "../../docker/local_kafka/kafka_broker.ts";
import { TEST_BROKER } from "./test_kafka.ts";

/** A broker that lets its users do only what its ACLs allow. */
export interface GuardedKafka {
  /** Here everybody may do everything. */
  readonly open: string;
  /** SASL PLAIN; the user is `ada`, who may do nothing at first. */
  readonly guarded: string;
  stop(): Promise<void>;
}

/** Ada's settings for kafkajs. */
export const ADA = {
  sasl: { mechanism: "plain", username: "ada", password: "lovelace" },
};

/** Starts a broker with an authorizer. */
export async function startGuardedKafka(): Promise<GuardedKafka> {
  const ports = [await freePort(), await freePort(), await freePort()];
  const [open, guarded, controller] = ports.map((port) => `127.0.0.1:${port}`);
  const clients = `PLAINTEXT://${open},SASL://${guarded}`;
  const broker = await startKafka({
    ...TEST_BROKER,
    port: ports[0]!,
    config: {
      "controller.quorum.voters": `1@${controller}`,
      listeners: `${clients},CONTROLLER://${controller}`,
      "advertised.listeners": clients,
      "listener.security.protocol.map":
        "PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
      "sasl.enabled.mechanisms": "PLAIN",
      "listener.name.sasl.plain.sasl.jaas.config":
        "org.apache.kafka.common.security.plain.PlainLoginModule required " +
        'user_ada="lovelace";',
      "authorizer.class.name":
        "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users": "User:ANONYMOUS",
    },
  });
  return { open: open!, guarded: guarded!, stop: () => broker.stop() };
}

const RESOURCES: Readonly<Record<string, number>> = {
  topic: kafkajs.AclResourceTypes.TOPIC,
  group: kafkajs.AclResourceTypes.GROUP,
  "transactional id": kafkajs.AclResourceTypes.TRANSACTIONAL_ID,
};

const OPERATIONS: Readonly<Record<string, number>> = {
  Read: kafkajs.AclOperationTypes.READ,
  Write: kafkajs.AclOperationTypes.WRITE,
  Create: kafkajs.AclOperationTypes.CREATE,
  Delete: kafkajs.AclOperationTypes.DELETE,
  Alter: kafkajs.AclOperationTypes.ALTER,
  Describe: kafkajs.AclOperationTypes.DESCRIBE,
};

const ADVICE =
  /add an ACL that allows (.+?) on (topic|group|the (transactional id)s that begin with) "(.+?)"( \(a prefixed ACL\))?/;

/**
 * Allows ada what a sentence says that she needs, and nothing else. Returns
 * that as `Read and Describe on topic`; null when the sentence names no ACL.
 */
export async function followAdvice(
  admin: Admin,
  sentence: string,
): Promise<string | null> {
  const [, operations, kind, ids, name, isPrefix] = ADVICE.exec(sentence) ?? [];
  if (operations === undefined) return null;
  const resource = ids ?? kind;
  const { PREFIXED, LITERAL } = kafkajs.ResourcePatternTypes;
  await admin.createAcls({
    acl: operations.split(" and ").map((operation) => ({
      resourceType: RESOURCES[resource!]!,
      resourceName: name!,
      resourcePatternType: isPrefix === undefined ? LITERAL : PREFIXED,
      principal: "User:ada",
      host: "*",
      operation: OPERATIONS[operation]!,
      permissionType: kafkajs.AclPermissionTypes.ALLOW,
    })),
  });
  return `${operations} on ${resource}`;
}
