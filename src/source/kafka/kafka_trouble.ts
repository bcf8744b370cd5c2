import { WorldError } from "../../errors.ts";
import { plainMessage } from "../../kafka/client.ts";
import { errorType } from "../../kafka/client_trouble.ts";
import { CODES } from "../../kafka/error_codes.ts";
import { missingAcl } from "../../kafka/missing_acl.ts";
import { createErrorFromCode } from "../../kafka/private/fetch_seam.ts";

/** True for a position that the partition does not have any more. */
export function isOutOfRange(code: number): boolean {
  return code === CODES.offsetOutOfRange;
}

/** The error that a code of a fetch response stands for. */
export function fetchError(code: number): Error {
  if (code === CODES.unknownTopicId || code === CODES.inconsistentTopicId) {
    return new Error("the broker does not know this topic");
  }
  return createErrorFromCode(code);
}

/** What waiting and trying again will not put right. */
const FATAL_TYPES = new Set([
  "TOPIC_AUTHORIZATION_FAILED",
  "GROUP_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "INVALID_TOPIC_EXCEPTION",
  "INVALID_GROUP_ID",
  "INVALID_SESSION_TIMEOUT",
  "INCONSISTENT_GROUP_PROTOCOL",
  "GROUP_MAX_SIZE_REACHED",
  "FENCED_INSTANCE_ID",
  "SASL_AUTHENTICATION_FAILED",
  "UNSUPPORTED_SASL_MECHANISM",
  "UNSUPPORTED_VERSION",
]);

/** True for an error that no broker restart or new leader will heal. */
export function isFatal(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof WorldError) return true;
    if (at.name === "KafkaJSSASLAuthenticationError") return true;
    if ("type" in at && FATAL_TYPES.has(String(at.type))) return true;
  }
  return false;
}

/** The failure of reading a topic, in one sentence. */
export function readFailure(topic: string, error: unknown): WorldError {
  if (error instanceof WorldError) return error;
  const topicOperations = ["Read", "Describe"];
  const reason =
    missingAcl(errorType(error), { topic, topicOperations }) ??
    plainMessage(error);
  return new WorldError(`Cannot read topic "${topic}": ${reason}`, {
    cause: error,
  });
}
