/** Errors that the model of a broker answers, by the protocol's numbers. */
export const CODES = {
  OFFSET_OUT_OF_RANGE: 1,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  OFFSET_METADATA_TOO_LARGE: 12,
  NOT_COORDINATOR: 16,
  ILLEGAL_GENERATION: 22,
  UNKNOWN_MEMBER_ID: 25,
  REBALANCE_IN_PROGRESS: 27,
  OUT_OF_ORDER_SEQUENCE_NUMBER: 45,
  INVALID_PRODUCER_EPOCH: 47,
  INVALID_TXN_STATE: 48,
  INVALID_PRODUCER_ID_MAPPING: 49,
  CONCURRENT_TRANSACTIONS: 51,
  FENCED_INSTANCE_ID: 82,
  UNSTABLE_OFFSET_COMMIT: 88,
} as const;

/** The name of an error. */
export type ErrorType = keyof typeof CODES;

/** What the model of a broker answers instead of a result. */
export class KafkaError extends Error {
  override readonly name = "KafkaError";
  readonly type: ErrorType;

  constructor(type: ErrorType) {
    super(`${type} (${CODES[type]})`);
    this.type = type;
  }
}

/** The connection broke: what was asked for was done, will be, or never is. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

/** True when the broker has answered with one of these errors. */
export function isKafkaError(
  error: unknown,
  ...types: readonly ErrorType[]
): boolean {
  return error instanceof KafkaError && types.includes(error.type);
}
