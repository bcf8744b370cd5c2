import type { Admin } from "kafkajs";
import { isErrorType } from "./client.ts";
import { readTopicConfig } from "./topics.ts";

const MIN_INSYNC = "min.insync.replicas";

/** How safe the records of a topic are. */
export interface Replication {
  /** -1: as the brokers have it by default. */
  readonly replicationFactor: number;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * The replication of a topic, for another one that is to be as safe; that of the
 * brokers where there is no such topic.
 */
export async function replicationOf(
  admin: Admin,
  topic: string,
): Promise<Replication> {
  const replicationFactor = await countReplicas(admin, topic);
  if (replicationFactor < 1) return { replicationFactor: -1, settings: {} };
  const settings = await readTopicConfig(admin, topic, [MIN_INSYNC]);
  return { replicationFactor, settings: Object.fromEntries(settings) };
}

async function countReplicas(admin: Admin, topic: string): Promise<number> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const { partitions = [] } = topics.find(({ name }) => name === topic) ?? {};
    return Math.max(0, ...partitions.map(({ replicas }) => replicas.length));
  } catch (error) {
    if (isErrorType(error, "UNKNOWN_TOPIC_OR_PARTITION")) return 0;
    throw error;
  }
}
