import type { Admin } from "kafkajs";
import { countReplicas, readTopicConfig, type TopicUse } from "./topics.ts";

const MIN_INSYNC = "min.insync.replicas";

/** How safe the records of a topic are. */
export interface Replication {
  /** -1: as the brokers have it by default. */
  readonly replicationFactor: number;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * The replication of a topic, for another one that is to be as safe; that of the
 * brokers where there is no such topic. Throws a `WorldError`.
 */
export async function replicationOf(
  admin: Admin,
  use: Pick<TopicUse, "topic" | "purpose">,
): Promise<Replication> {
  const replicationFactor = await countReplicas(admin, use);
  if (replicationFactor === 0) return { replicationFactor: -1, settings: {} };
  const settings = await readTopicConfig(admin, use.topic, [MIN_INSYNC]);
  return { replicationFactor, settings: Object.fromEntries(settings) };
}
