import { setTimeout as sleep } from "node:timers/promises";
import type { Admin } from "kafkajs";
import type { KafkaConfig } from "../config/config.ts";
import { RecoverableError, WorldError } from "../errors.ts";
import { plainMessage } from "./client.ts";
import { errorType, isNoAnswer, isRetriable } from "./client_trouble.ts";
import { byLeader, listOffsets } from "./partition_leaders.ts";
import { deleteBefore } from "./private/records_seam.ts";
import { errorOfCode, type SendCluster } from "./private/send_seam.ts";
import { replicationOf } from "./topic_replication.ts";
import {
  countPartitions,
  createTopic,
  type OutputTopic,
  readTopicConfig,
  type TopicUse,
  topicFailure,
  withAdmin,
} from "./topics.ts";

/** What a batch of the log may have, bytes: several of its records. */
const BATCH_BYTES_MIN = 1024 * 1024;

/** Records go when nobody needs them any more, by `deleteRecords` alone. */
const SETTINGS = {
  "cleanup.policy": "delete",
  "retention.ms": "-1",
  "retention.bytes": "-1",
};

/** How the topic is made, so that what is deleted leaves the disk soon. */
const CREATION = {
  ...SETTINGS,
  "segment.bytes": String(64 * 1024 * 1024),
  "max.message.bytes": "1048588",
};

const SHOWN_PAUSE_MS = 20;
const SHOWN_DEADLINE_MS = 10_000;
const BOUNDS_PAUSE_MS = 100;
const BOUNDS_DEADLINE_MS = 30_000;

/** Where a partition's log begins, and where its committed records end. */
export interface LogBounds {
  readonly earliest: number;
  /** The last stable offset. */
  readonly end: number;
}

/** The window log as a run needs it. */
export interface LogTopic {
  readonly topic: string;
  /** Partitions of the input: it has at least as many. */
  readonly partitionCount: number;
  /** The topic whose replication it gets. */
  readonly like: Pick<TopicUse, "topic" | "purpose">;
  /** Asked where it is missing: what is thrown instead of making it, if not null. */
  readonly whyNotMade?: () => Promise<WorldError | null>;
}

/**
 * Makes the window log when it is missing, and checks that Kafka drops none of it
 * by itself. Throws a `WorldError`.
 */
export async function prepareLogTopic(
  config: KafkaConfig,
  options: LogTopic,
): Promise<OutputTopic> {
  const { topic, partitionCount } = options;
  return await withAdmin(config, async (admin) => {
    const use = { ...options, purpose: "write to", mayCreate: true } as const;
    const endMs = performance.now() + SHOWN_DEADLINE_MS;
    for (;;) {
      const count = await countIfShown(admin, use);
      if (count !== null && count >= partitionCount) {
        return { partitionCount: count, ...(await check(admin, topic)) };
      }
      if (performance.now() > endMs) {
        throw new WorldError(
          `Cannot keep windows in topic "${topic}": it has ${count ?? "no"} ` +
            `partitions, expected ${partitionCount}, as many as the input`,
        );
      }
      if (count === 0) await make(admin, use, options);
      else if (count !== null) await grow(admin, options);
      await sleep(SHOWN_PAUSE_MS);
    }
  });
}

async function make(
  admin: Admin,
  use: TopicUse,
  { like, whyNotMade }: LogTopic,
): Promise<void> {
  const refusal = (await whyNotMade?.()) ?? null;
  // Another process may have made it, and committed to it, meanwhile.
  if (refusal !== null && (await countIfShown(admin, use)) === 0) throw refusal;
  const { replicationFactor, settings } = await replicationOf(admin, like);
  const config = { ...settings, ...CREATION };
  await createTopic(admin, use, config, replicationFactor);
}

/** Null while a broker does not know all of a new partition yet. */
async function countIfShown(
  admin: Admin,
  use: TopicUse,
): Promise<number | null> {
  try {
    return await countPartitions(admin, use);
  } catch (error) {
    if (isRetriable((error as Error).cause)) return null;
    throw error;
  }
}

async function grow(
  admin: Admin,
  options: { readonly topic: string; readonly partitionCount: number },
): Promise<void> {
  const { topic, partitionCount: count } = options;
  try {
    await admin.createPartitions({ topicPartitions: [{ topic, count }] });
  } catch (error) {
    // Another process of the same job may have been quicker.
    if (errorType(error) === "INVALID_PARTITIONS") return;
    throw topicFailure(error, {
      topic,
      doing: `give topic "${topic}" ${count} partitions`,
      operations: ["Alter"],
    });
  }
}

/** Throws where the log would lose what is still needed. */
async function check(
  admin: Admin,
  topic: string,
): Promise<{ readonly maxRecordBytes: number }> {
  const settings = await readTopicConfig(admin, topic, [
    "max.message.bytes",
    ...Object.keys(SETTINGS),
  ]);
  for (const [name, right] of Object.entries(SETTINGS)) {
    const value = settings.get(name) ?? right;
    if (value === right) continue;
    throw new WorldError(
      `Cannot keep windows in topic "${topic}": its ${name} is "${value}", so ` +
        `that Kafka would drop windows that are still open; set it to "${right}"`,
    );
  }
  const bytes = Number(settings.get("max.message.bytes") ?? BATCH_BYTES_MIN);
  if (bytes >= BATCH_BYTES_MIN) return { maxRecordBytes: bytes };
  throw new WorldError(
    `Cannot keep windows in topic "${topic}": its max.message.bytes is ` +
      `${bytes}; set it to ${BATCH_BYTES_MIN} or more`,
  );
}

/**
 * The bounds of these partitions; leaders that move are waited for. Throws a
 * `RecoverableError` when it takes half a minute.
 */
export async function readLogBounds(
  cluster: SendCluster,
  topic: string,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, LogBounds>> {
  const doing = `read where topic "${topic}" begins and ends`;
  const endMs = performance.now() + BOUNDS_DEADLINE_MS;
  for (;;) {
    try {
      return await askForBounds(cluster, topic, partitions);
    } catch (error) {
      if (!isNoAnswer(error) && !isRetriable(error)) {
        const operations = ["Read", "Describe"];
        throw topicFailure(error, { topic, doing, operations });
      }
      if (performance.now() > endMs) {
        const text = `Cannot ${doing}: ${plainMessage(error)}`;
        throw new RecoverableError(text, { cause: error });
      }
      await sleep(BOUNDS_PAUSE_MS);
    }
  }
}

async function askForBounds(
  cluster: SendCluster,
  topic: string,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, LogBounds>> {
  const bounds = new Map<number, LogBounds>();
  const brokers = await byLeader(cluster.brokerPool, topic, partitions);
  for (const [broker, own] of brokers) {
    const starts = await listOffsets(broker, topic, own, "earliest");
    const ends = await listOffsets(broker, topic, own, "last stable");
    for (const partition of own) {
      const earliest = starts.get(partition)!;
      bounds.set(partition, { earliest, end: ends.get(partition)! });
    }
  }
  return bounds;
}

/**
 * Deletes the records before an offset of each of these partitions: never more
 * than a committed offset's metadata says. What cannot be deleted now is left
 * to a later call. Throws a `WorldError` when it never can.
 */
export async function deleteRecords(
  cluster: SendCluster,
  topic: string,
  offsets: ReadonlyMap<number, number>,
): Promise<void> {
  try {
    const partitions = [...offsets.keys()];
    const brokers = await byLeader(cluster.brokerPool, topic, partitions);
    for (const [broker, own] of brokers) {
      const code = await deleteBefore(
        broker,
        topic,
        own.map((partition) => ({
          partition,
          offset: offsets.get(partition)!,
        })),
      );
      if (code !== 0) throw errorOfCode(code);
    }
  } catch (error) {
    if (isNoAnswer(error) || isRetriable(error)) return;
    throw topicFailure(error, {
      topic,
      doing: `delete records of topic "${topic}"`,
      operations: ["Delete"],
    });
  }
}
