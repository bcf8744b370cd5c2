import { CODES } from "./error_codes.ts";

/** Kafka's codes for what the user may not do. */
const FORBIDDEN = {
  topic: CODES.topicForbidden,
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
  /** Transactional ids begin with its name and a dash. */
  readonly group?: string;
  /** What is done with the group; `["Read"]` if left out. */
  readonly groupOperations?: readonly string[];
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
  const { topic, topicOperations = ["Write", "Describe"] } = permits;
  const { group, groupOperations = ["Read"] } = permits;
  switch (code) {
    case FORBIDDEN.topic:
      return aclText(topicOperations, nameText("topic", topic));
    case FORBIDDEN.group:
      return aclText(groupOperations, nameText("group", group));
    case FORBIDDEN.transactionalId:
      return aclText(["Write", "Describe"], idsText(group));
    case FORBIDDEN.cluster:
      return aclText(["IdempotentWrite"], "the cluster");
    default:
      return null;
  }
}

function nameText(kind: string, name: string | undefined): string {
  return name === undefined ? `the ${kind}` : `${kind} "${name}"`;
}

/** A process without a name has another id each time: one ACL is for all. */
function idsText(group: string | undefined): string {
  return group === undefined
    ? "the transactional ids of the group"
    : `the transactional ids that begin with "${group}-" (a prefixed ACL)`;
}

function aclText(operations: readonly string[], resource: string): string {
  const list = operations.join(" and ");
  return `it is forbidden; add an ACL that allows ${list} on ${resource}`;
}
