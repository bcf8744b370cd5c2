import addOffsetsRequests from "kafkajs/src/protocol/requests/addOffsetsToTxn/index.js";
import addPartitionsRequests from "kafkajs/src/protocol/requests/addPartitionsToTxn/index.js";
import endRequests from "kafkajs/src/protocol/requests/endTxn/index.js";
import findRequests from "kafkajs/src/protocol/requests/findCoordinator/index.js";
import initRequests from "kafkajs/src/protocol/requests/initProducerId/index.js";
import { CODES } from "../error_codes.ts";
import { type BrokerCall, callBroker } from "./broker_call.ts";
import type { SendBroker } from "./send_seam.ts";

// Why these private modules, of kafkajs 2.2.4 exactly: its public producer asks
// for a coordinator before each request of a transaction, does not repeat what
// may be repeated, and hides what the broker says. Only its codecs are used.

/** One of kafkajs' codecs. */
interface Codec<Q, A> {
  protocol(options: { version: number }): (request: Q) => BrokerCall<A>;
}

const coordinatorCodec: Codec<
  { groupId: string; coordinatorType: 0 | 1 },
  { errorCode: number; coordinator: { nodeId: number } }
> = findRequests;
const initCodec: Codec<
  { transactionalId: string; transactionTimeout: number },
  { errorCode: number; producerId: string; producerEpoch: number }
> = initRequests;
const partitionsCodec: Codec<
  Owner & { topics: readonly TopicPartitions[] },
  {
    errors: readonly {
      topic: string;
      partitionErrors: readonly { partition: number; errorCode: number }[];
    }[];
  }
> = addPartitionsRequests;
const offsetsCodec: Codec<Owner & { groupId: string }, { errorCode: number }> =
  addOffsetsRequests;
const endCodec: Codec<
  Owner & { transactionResult: boolean },
  { errorCode: number }
> = endRequests;

const VERSION = { version: 1 };
const COORDINATOR_TYPES = { group: 0, transaction: 1 } as const;

/** What a coordinator keeps: a group's offsets, or an id's transactions. */
export interface CoordinatorKey {
  readonly kind: "group" | "transaction";
  /** The group's name, or the transactional id. */
  readonly name: string;
}

/** The producer that a transaction belongs to. */
export interface TransactionOwner {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** The same as kafkajs writes it. */
type Owner = Omit<TransactionOwner, "producerId"> & { producerId: string };

/** Partitions of one topic. */
export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** What a coordinator says of a request; code 0 is success. */
export interface CodeAnswer {
  readonly errorCode: number;
}

/** Asks any broker for the node id of a coordinator; -1 with an error code. */
export async function findCoordinator(
  broker: SendBroker,
  { kind, name }: CoordinatorKey,
): Promise<CodeAnswer & { readonly nodeId: number }> {
  const coordinatorType = COORDINATOR_TYPES[kind];
  const call = coordinatorCodec.protocol(VERSION);
  const answer = await callBroker(
    broker,
    call({ groupId: name, coordinatorType }),
  );
  const { errorCode, coordinator } = answer;
  return { errorCode, nodeId: coordinator.nodeId };
}

/**
 * Fences whoever used the transactional id before, ends its transaction and
 * gives a producer id with a new epoch; `timeoutMs` is how long a transaction
 * may be open.
 */
export async function initProducerId(
  broker: SendBroker,
  options: { readonly transactionalId: string; readonly timeoutMs: number },
): Promise<
  CodeAnswer & { readonly producerId: bigint; readonly producerEpoch: number }
> {
  const { transactionalId, timeoutMs: transactionTimeout } = options;
  const call = initCodec.protocol(VERSION);
  const answer = await callBroker(
    broker,
    call({ transactionalId, transactionTimeout }),
  );
  const { errorCode, producerId, producerEpoch } = answer;
  return { errorCode, producerId: BigInt(producerId), producerEpoch };
}

/** What a coordinator says of partitions: all of them are added, or none. */
export interface AddedPartitions extends CodeAnswer {
  /** What the code is about. */
  readonly topic: string;
  /** Topics that it does not know, where that is all that is wrong. */
  readonly unknownTopics: readonly string[];
}

/** Adds partitions to the open transaction, which begins with the first ones. */
export async function addPartitions(
  broker: SendBroker,
  owner: TransactionOwner,
  topics: readonly TopicPartitions[],
): Promise<AddedPartitions> {
  const call = partitionsCodec.protocol(VERSION);
  const answer = await callBroker(broker, call({ ...plain(owner), topics }));
  const codes = answer.errors.flatMap(({ topic, partitionErrors }) =>
    partitionErrors.map(({ errorCode }) => ({ topic, errorCode })),
  );
  const failed = codes.filter(({ errorCode }) => errorCode !== 0);
  const unknown = failed.filter(
    ({ errorCode }) => errorCode === CODES.unknownTopic,
  );
  const unknownTopics = [...new Set(unknown.map(({ topic }) => topic))];
  const others = failed.filter(
    ({ errorCode }) => errorCode !== CODES.unknownTopic,
  );
  // What is refused only because others are says nothing.
  const telling = others.find(
    ({ errorCode }) => errorCode !== CODES.operationNotAttempted,
  );
  if (telling !== undefined) return { ...telling, unknownTopics: [] };
  if (unknown.length > 0) return { topic: "", errorCode: 0, unknownTopics };
  return { topic: "", errorCode: 0, ...others[0], unknownTopics: [] };
}

/** Lets the open transaction have offsets of a group; it may begin with them. */
export async function addOffsets(
  broker: SendBroker,
  owner: TransactionOwner,
  groupId: string,
): Promise<CodeAnswer> {
  const call = offsetsCodec.protocol(VERSION);
  return await callBroker(broker, call({ ...plain(owner), groupId }));
}

/** Ends the open transaction. */
export async function endTransaction(
  broker: SendBroker,
  owner: TransactionOwner,
  result: "commit" | "abort",
): Promise<CodeAnswer> {
  const call = endCodec.protocol(VERSION);
  const transactionResult = result === "commit";
  return await callBroker(broker, call({ ...plain(owner), transactionResult }));
}

function plain(owner: TransactionOwner): Owner {
  const { transactionalId, producerId, producerEpoch } = owner;
  return { transactionalId, producerId: String(producerId), producerEpoch };
}
