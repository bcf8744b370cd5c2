import kafkajs, { type Admin, type PartitionMetadata } from "kafkajs";
import type { KafkaConfig } from "../config/config.ts";
import { WorldError } from "../errors.ts";
import {
  connectOrFail,
  createKafka,
  isErrorType,
  plainMessage,
} from "./client.ts";
import { errorType } from "./client_trouble.ts";
import { missingAcl } from "./missing_acl.ts";
import { securityAdvice } from "./security_advice.ts";

/** Kafka's own default of `max.message.bytes`. */
const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;

/** Retries of a start-up check, some 1.5 s: within `CONNECT_DEADLINE_MS`. */
const CHECK_RETRIES = 5;

/** What the shards and sinks must know of a topic that they write. */
export interface OutputTopic {
  readonly partitionCount: number;
  /** The topic's `max.message.bytes`: the largest record batch it takes. */
  readonly maxRecordBytes: number;
}

/** The flag that has a topic created, by what it is for. */
const CREATING_FLAGS = {
  read: "--create-source",
  "write to": "--create-topics",
  follow: null,
} as const;

/** A topic that the job is about to use. */
export interface TopicUse {
  readonly topic: string;
  /** As the sentence about a missing topic says it. */
  readonly purpose: keyof typeof CREATING_FLAGS;
  /** Partitions of the topic if it has to be created. */
  readonly partitionCount: number;
  /** True to create it when it is missing. */
  readonly mayCreate: boolean;
}

/** Connects an admin client, does `work`, disconnects. */
export async function withAdmin<T>(
  config: KafkaConfig,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = createKafka(config, { retries: CHECK_RETRIES }).admin();
  await connectOrFail(admin, config);
  try {
    return await work(admin);
  } catch (error) {
    // A listener with SASL lets a client in without it, and then hangs up.
    const advice = securityAdvice(error, config);
    if (advice === null) throw error;
    const name = `Kafka at ${config.brokers.join(",")}`;
    throw new WorldError(`Cannot use ${name}: ${advice}`, { cause: error });
  } finally {
    await admin.disconnect();
  }
}

/**
 * Number of partitions of the topic, which is created when it is missing and
 * may be created. Throws a `WorldError` when it cannot be used.
 */
export async function ensureTopic(
  config: KafkaConfig,
  use: TopicUse,
): Promise<number> {
  return await withAdmin(config, (admin) => ensureWith(admin, config, use));
}

/**
 * Checks, or creates, a topic that is written to, and reads its limits. To be
 * called before the workers start. Throws a `WorldError`.
 */
export async function prepareOutputTopic(
  config: KafkaConfig,
  options: { readonly topic: string; readonly partitionCount: number },
): Promise<OutputTopic> {
  return await withAdmin(config, async (admin) => {
    const { createTopics: mayCreate } = config;
    const use: TopicUse = { ...options, mayCreate, purpose: "write to" };
    const partitionCount = await ensureWith(admin, config, use);
    const maxRecordBytes = await readMaxMessageBytes(admin, options.topic);
    return { partitionCount, maxRecordBytes };
  });
}

async function ensureWith(
  admin: Admin,
  config: KafkaConfig,
  use: TopicUse,
): Promise<number> {
  const existing = await countPartitions(admin, use);
  if (existing > 0) return existing;
  if (!use.mayCreate) {
    const flag = CREATING_FLAGS[use.purpose];
    const advice = flag === null ? "" : `, create it or pass ${flag}`;
    throw new WorldError(
      `Cannot ${use.purpose} topic "${use.topic}": it does not exist on ` +
        `${config.brokers.join(",")}${advice}`,
    );
  }
  await createTopic(admin, use);
  return (await countPartitions(admin, use)) || use.partitionCount;
}

/** 0 when there is no such topic. Throws a `WorldError`. */
export async function countPartitions(
  admin: Admin,
  use: TopicUse,
): Promise<number> {
  return (await partitionsOf(admin, use)).length;
}

/** Replicas of each partition of a topic; 0 likewise. Throws a `WorldError`. */
export async function countReplicas(
  admin: Admin,
  use: Pick<TopicUse, "topic" | "purpose">,
): Promise<number> {
  const partitions = await partitionsOf(admin, use);
  return Math.max(0, ...partitions.map(({ replicas }) => replicas.length));
}

async function partitionsOf(
  admin: Admin,
  use: Pick<TopicUse, "topic" | "purpose">,
): Promise<readonly PartitionMetadata[]> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [use.topic] });
    const found = topics.find((topic) => topic.name === use.topic);
    return found?.partitions ?? [];
  } catch (error) {
    if (isErrorType(error, "UNKNOWN_TOPIC_OR_PARTITION")) return [];
    throw failure(use, error);
  }
}

/**
 * Creates a topic with these settings and so many replicas (-1: as the brokers
 * have it); one that is there is left as it is. Throws a `WorldError`.
 */
export async function createTopic(
  admin: Admin,
  { topic, partitionCount }: TopicUse,
  config: Readonly<Record<string, string>> = {},
  replicationFactor = -1,
): Promise<void> {
  const numPartitions = Math.max(1, partitionCount);
  const entries = Object.entries(config);
  const configEntries = entries.map(([name, value]) => ({ name, value }));
  try {
    await admin.createTopics({
      topics: [{ topic, numPartitions, replicationFactor, configEntries }],
    });
  } catch (error) {
    // Another process of the same job may have been quicker.
    if (isErrorType(error, "TOPIC_ALREADY_EXISTS")) return;
    // It is made, and a broker that was asked for its leaders has not heard of it.
    if (isErrorType(error, "UNKNOWN_TOPIC_OR_PARTITION")) return;
    const doing = `create topic "${topic}"`;
    throw topicFailure(error, { topic, doing, operations: ["Create"] });
  }
}

async function readMaxMessageBytes(
  admin: Admin,
  topic: string,
): Promise<number> {
  const name = "max.message.bytes";
  const settings = await readTopicConfig(admin, topic, [name]);
  return Number(settings.get(name)) || DEFAULT_MAX_MESSAGE_BYTES;
}

/** Settings of a topic by name; none where reading them is not allowed. */
export async function readTopicConfig(
  admin: Admin,
  topic: string,
  configNames: string[],
): Promise<ReadonlyMap<string, string>> {
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type, name: topic, configNames }],
    });
    const entries = resources[0]?.configEntries ?? [];
    return new Map(
      entries.map(({ configName, configValue }) => [configName, configValue]),
    );
  } catch {
    // Reading a topic's settings may be forbidden where writing is allowed.
    return new Map();
  }
}

function failure(
  { purpose, topic }: Pick<TopicUse, "topic" | "purpose">,
  error: unknown,
): WorldError {
  return topicFailure(error, {
    topic,
    doing: `${purpose} topic "${topic}"`,
    operations: [purpose === "write to" ? "Write" : "Read", "Describe"],
  });
}

/** The sentence for what could not be done, with the ACL that it needs. */
export function topicFailure(
  error: unknown,
  options: {
    readonly topic: string;
    readonly doing: string;
    readonly operations: readonly string[];
  },
): WorldError {
  const { topic, doing, operations: topicOperations } = options;
  const reason =
    missingAcl(errorType(error), { topic, topicOperations }) ??
    plainMessage(error);
  return new WorldError(`Cannot ${doing}: ${reason}`, { cause: error });
}
