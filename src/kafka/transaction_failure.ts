import { RecoverableError, WorldError } from "../errors.ts";
import { CODES } from "./error_codes.ts";
import type { GroupSeat } from "./group_seat.ts";
import { missingAcl } from "./missing_acl.ts";
import { errorOfCode } from "./private/send_seam.ts";

/** The producer id has a newer epoch: of another life, or by a timeout. */
const FENCED: ReadonlySet<number> = new Set([
  CODES.invalidProducerEpoch,
  CODES.producerFenced,
]);

/** The transaction is not what it was thought to be. */
const VOID: ReadonlySet<number> = new Set([
  CODES.outOfOrderSequence,
  CODES.invalidTransactionState,
  CODES.invalidProducerIdMapping,
  CODES.unknownProducerId,
  CODES.transactionAbortable,
]);

/** The member that commits has lost its place in the group. */
const SEAT_LOST: ReadonlySet<number> = new Set([
  CODES.illegalGeneration,
  CODES.unknownMember,
  CODES.rebalanceInProgress,
  CODES.fencedInstanceId,
]);

/** What a refusal is about. */
export interface Refusal {
  readonly code: number;
  /** What was being done: `commit offsets of group "g"`. */
  readonly doing: string;
  readonly group: string;
  readonly transactionalId: string;
  /** The topic, where it was about one, and what is done with it. */
  readonly topic?: string;
  readonly topicOperations?: readonly string[];
}

/** True when the brokers have a batch; they may have had it before. */
export function isAcknowledged(code: number): boolean {
  return code === 0 || code === CODES.duplicateSequence;
}

/** kafkajs' error for a batch that is refused so. */
export function batchRefusal(code: number): Error {
  const error = errorOfCode(code);
  // Where one topic is not there, a broker takes none of a transaction's batches.
  const isForAnother = code === CODES.operationNotAttempted;
  return isForAnother ? Object.assign(error, { retriable: true }) : error;
}

/** True when the transaction of a batch that is refused so is over. */
export function endsTransaction(code: number): boolean {
  return FENCED.has(code) || VOID.has(code) || missingAcl(code, {}) !== null;
}

/** True when another process with the same names may be behind the refusal. */
export function mayBeTaken(code: number): boolean {
  // EndTxn says that the server has failed when it is fenced at that moment.
  return (
    isFenced(code) ||
    code === CODES.fencedInstanceId ||
    code === CODES.unknownServerError
  );
}

/** True when another producer, or a timeout, has taken the producer id's epoch. */
export function isFenced(code: number): boolean {
  return FENCED.has(code);
}

/**
 * The error that a refused request of a transaction ends it with: a
 * `RecoverableError` where a new life may go on, else a `WorldError`.
 */
export function transactionFailure(refusal: Refusal): Error {
  const { code, doing, group, transactionalId } = refusal;
  const acl = missingAcl(code, refusal);
  if (acl !== null) return new WorldError(`Cannot ${doing}: ${acl}`);
  if (isFenced(code)) {
    return new RecoverableError(
      `Cannot ${doing}: the transaction of "${transactionalId}" was ended by ` +
        "its broker, after --transaction-timeout or for another process",
    );
  }
  if (VOID.has(code)) {
    return new RecoverableError(
      `Cannot ${doing}: the transaction is void: ${codeText(code)}`,
    );
  }
  if (SEAT_LOST.has(code)) {
    return new RecoverableError(
      `Cannot ${doing}: group "${group}" has given its partitions out anew`,
    );
  }
  if (code === CODES.unknownServerError) {
    return new RecoverableError(
      `Cannot ${doing}: the broker has failed at it, so that it is not known ` +
        "whether it was done",
    );
  }
  if (code === CODES.invalidTransactionTimeout) {
    return new WorldError(
      `Cannot ${doing}: --transaction-timeout is longer than the broker allows; ` +
        "give one that is not above its transaction.max.timeout.ms",
    );
  }
  if (code === CODES.metadataTooLarge) {
    return new WorldError(
      `Cannot ${doing}: the broker takes less metadata than they need; set its ` +
        "offset.metadata.max.bytes to 4096, which is the default",
    );
  }
  const { topic } = refusal;
  if (code === CODES.unknownTopic && topic !== undefined) {
    return new WorldError(
      `Cannot ${doing}: topic "${topic}" is not there any more: has it been deleted?`,
    );
  }
  return new WorldError(`Cannot ${doing}: ${codeText(code)}`);
}

/** The end of a process whose name in the group another one has taken. */
export function seatTaken(group: string, seat: GroupSeat): WorldError {
  return new WorldError(
    `Cannot go on as "${seat.groupInstanceId}" in group "${group}": another ` +
      "process has taken that name; give each process an --instance of its own",
  );
}

/** Kafka's text for a code, where kafkajs knows it. */
export function codeText(code: number): string {
  if (code === CODES.transactionAbortable) return "it has to be aborted";
  const { message } = errorOfCode(code);
  const isKnown = code >= -1 && code <= CODES.unstableOffsetCommit;
  return isKnown ? message.replace(/\.$/, "") : `Kafka's error code ${code}`;
}
