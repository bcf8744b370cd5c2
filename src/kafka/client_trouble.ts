/** Errors of kafkajs, and of sockets under it, that mean: no broker answered. */
const NO_ANSWER_NAMES = new Set([
  "KafkaJSConnectionError",
  "KafkaJSConnectionClosedError",
  "KafkaJSRequestTimeoutError",
  "KafkaJSBrokerNotFound",
  "KafkaJSLockTimeout",
  "KafkaJSMetadataNotLoaded",
  "KafkaJSTopicMetadataNotLoaded",
]);

/** What kafkajs' retries wrap an error in. */
const WRAPPER_NAMES = new Set([
  "KafkaJSNumberOfRetriesExceeded",
  "KafkaJSNonRetriableError",
]);

/** True for what a later attempt may put right. */
export function isRetriable(error: unknown): boolean {
  return (inner(error) as { retriable?: boolean }).retriable === true;
}

/** True when the trouble is with the brokers, whatever was asked of them. */
export function isNoAnswer(error: unknown): boolean {
  return NO_ANSWER_NAMES.has((inner(error) as Error).name);
}

/** The error itself, without the layers that kafkajs' retries put round it. */
function inner(error: unknown): object {
  let at = error;
  while (at instanceof Error) {
    const next = WRAPPER_NAMES.has(at.name) ? at.cause : firstOf(at);
    if (!(next instanceof Error)) break;
    at = next;
  }
  return at instanceof Object ? at : {};
}

/**
 * The first of the errors of several topics, or of several partitions of which
 * records were to be deleted; null for any other error.
 */
export function firstOf(error: unknown): unknown {
  const { name, errors, partitions } = error as {
    readonly name?: unknown;
    readonly errors?: readonly unknown[];
    readonly partitions?: readonly { readonly error?: unknown }[];
  };
  if (name === "KafkaJSAggregateError") return errors?.[0] ?? null;
  if (name !== "KafkaJSDeleteTopicRecordsError") return null;
  return partitions?.find(({ error }) => error instanceof Error)?.error ?? null;
}

/** Kafka's name of the error, such as `UNKNOWN_TOPIC_OR_PARTITION`, if it has one. */
export function errorType(error: unknown): string | null {
  const { type } = inner(error) as { type?: unknown };
  return typeof type === "string" ? type : null;
}
