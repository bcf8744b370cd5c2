import kafkajs, { type Admin } from "kafkajs";
import type { KafkaConfig } from "../config/config.ts";
import { WorldError } from "../errors.ts";
import { isErrorType, plainMessage } from "./client.ts";
import { type OutputTopic, prepareOutputTopic, withAdmin } from "./topics.ts";

const MIB = 1 << 20;
/** The largest records of the log are little smaller. */
const MESSAGE_BYTES_MIN = MIB;

/** Nothing is deleted but what is asked for, and the disk shrinks soon then. */
const SETTINGS = [
  { name: "cleanup.policy", value: "delete" },
  { name: "retention.ms", value: "-1" },
  { name: "retention.bytes", value: "-1" },
  { name: "segment.bytes", value: String(64 * MIB) },
];

/** Where the log of a partition begins, and where it ends. */
export interface LogBounds {
  readonly earliest: number;
  readonly end: number;
}

/**
 * Checks the topic of a window log, or creates it; it has at least so many
 * partitions then. Throws a `WorldError` when it would lose what is written to it.
 */
export async function prepareLogTopic(
  config: KafkaConfig,
  options: { readonly topic: string; readonly partitionCount: number },
): Promise<OutputTopic> {
  const { topic, partitionCount } = options;
  await withAdmin(config, async (admin) => {
    await create(admin, topic, partitionCount);
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    if (topics[0]!.partitions.length < partitionCount) {
      const topicPartitions = [{ topic, count: partitionCount }];
      await admin.createPartitions({ topicPartitions });
    }
    await checkPolicy(admin, topic);
  }).catch((error) => {
    if (error instanceof WorldError) throw error;
    throw new WorldError(
      `Cannot use window log "${topic}": ${plainMessage(error)}`,
      { cause: error },
    );
  });
  const prepared = await prepareOutputTopic(config, options);
  const { maxRecordBytes } = prepared;
  if (maxRecordBytes >= MESSAGE_BYTES_MIN) return prepared;
  throw new WorldError(
    `Cannot use window log "${topic}": its max.message.bytes is ` +
      `${maxRecordBytes}, expected ${MESSAGE_BYTES_MIN} or more`,
  );
}

/** Where the log of each partition begins and ends now. */
export async function readLogBounds(
  config: KafkaConfig,
  topic: string,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, LogBounds>> {
  if (partitions.length === 0) return new Map();
  const offsets = await withAdmin(config, (admin) =>
    admin.fetchTopicOffsets(topic),
  );
  const bounds = new Map<number, LogBounds>();
  for (const { partition, low, high } of offsets) {
    if (!partitions.includes(partition)) continue;
    bounds.set(partition, { earliest: Number(low), end: Number(high) });
  }
  return bounds;
}

/** Deletes what lies before these offsets, by partition. */
export async function deleteLogRecords(
  config: KafkaConfig,
  topic: string,
  offsets: ReadonlyMap<number, number>,
): Promise<void> {
  const partitions = [...offsets].map(([partition, offset]) => ({
    partition,
    offset: String(offset),
  }));
  await withAdmin(config, async (admin) => {
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions });
  });
}

async function create(
  admin: Admin,
  topic: string,
  numPartitions: number,
): Promise<void> {
  const configEntries = SETTINGS;
  try {
    await admin.createTopics({
      topics: [{ topic, numPartitions, configEntries }],
    });
  } catch (error) {
    if (!isErrorType(error, "TOPIC_ALREADY_EXISTS")) throw error;
  }
}

/** A log that is compacted, or forgets by itself, cannot be restored from. */
async function checkPolicy(admin: Admin, topic: string): Promise<void> {
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  const configNames = ["cleanup.policy", "retention.ms"];
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type, name: topic, configNames }],
  });
  const entries = resources[0]?.configEntries ?? [];
  const settingOf = (name: string) =>
    entries.find(({ configName }) => configName === name)?.configValue;
  const policy = settingOf("cleanup.policy") ?? "delete";
  const retention = settingOf("retention.ms") ?? "-1";
  if (policy === "delete" && retention === "-1") return;
  throw new WorldError(
    `Cannot use window log "${topic}": its cleanup.policy is ${policy} and its ` +
      `retention.ms ${retention}, expected delete and -1: open windows would be ` +
      "lost; set them so",
  );
}
