/** Kafka's codes for what the user may not do. */
const FORBIDDEN = {
  topic: 29,
  group: 30,
  cluster: 31,
  transactionalId: 53,
} as const;

const TYPES: Readonly<Record<string, number>> = {
  TOPIC_AUTHORIZATION_FAILED: FORBIDDEN.topic,
  GROUP_AUTHORIZATION_FAILED: FORBIDDEN.group,
  CLUSTER_AUTHORIZATION_FAILED: FORBIDDEN.cluster,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: FORBIDDEN.transactionalId,
};

/** What a request was about, as far as it may be forbidden. */
export interface Permits {
  readonly topic?: string;
  /** What is done with the topic: `["Write", "Describe"]`. */
  readonly topicOperations?: readonly string[];
  readonly group?: string;
  readonly transactionalId?: string;
}

/**
 * Which ACL is missing, for the end of a sentence, when that is what an error
 * code of Kafka's, or kafkajs' name of it, says; null when it says something else.
 */
export function missingAcl(
  error: number | string | null,
  permits: Permits,
): string | null {
  const code = typeof error === "number" ? error : TYPES[error ?? ""];
  const { topic, group, transactionalId } = permits;
  const { topicOperations = ["Write", "Describe"] } = permits;
  switch (code) {
    case FORBIDDEN.topic:
      return aclText(topicOperations, `topic "${topic}"`);
    case FORBIDDEN.group:
      return aclText(["Read"], `group "${group}"`);
    case FORBIDDEN.transactionalId: {
      const operations = ["Write", "Describe"];
      return aclText(operations, `transactional id "${transactionalId}"`);
    }
    case FORBIDDEN.cluster:
      return aclText(["IdempotentWrite"], "the cluster");
    default:
      return null;
  }
}

function aclText(operations: readonly string[], resource: string): string {
  const list = operations.join(" and ");
  return `it is forbidden; add an ACL that allows ${list} on ${resource}`;
}
