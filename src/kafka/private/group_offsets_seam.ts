import { FieldReader, FieldWriter } from "../fields.ts";
import type { GroupSeat } from "../group_seat.ts";
import { callBroker, flexibleCall } from "./broker_call.ts";
import type { SendBroker } from "./send_seam.ts";
import type {
  CodeAnswer,
  TopicPartitions,
  TransactionOwner,
} from "./transaction_seam.ts";

// kafkajs speaks TxnOffsetCommit without the member that commits, so that a
// group does not fence any, and OffsetFetch without `require_stable`. The newer
// versions are written and read here, and sent over kafkajs' connections.
const TXN_OFFSET_COMMIT = {
  apiKey: 28,
  apiVersion: 3,
  apiName: "TxnOffsetCommit",
};
const OFFSET_FETCH = { apiKey: 9, apiVersion: 7, apiName: "OffsetFetch" };
const HEARTBEAT = { apiKey: 12, apiVersion: 4, apiName: "Heartbeat" };
const NO_LEADER_EPOCH = -1;

/** Where a group goes on in one partition. */
export interface OffsetCommit {
  readonly partition: number;
  readonly offset: number;
  /** Free text; brokers take 4,096 bytes. */
  readonly metadata: string;
}

/** Offsets of one topic that a transaction commits for a group. */
export interface TxnOffsetCommit {
  readonly owner: TransactionOwner;
  readonly group: string;
  readonly seat: GroupSeat;
  readonly topic: string;
  readonly offsets: readonly OffsetCommit[];
}

/** What a broker says about one partition's offset. */
export interface FetchedOffset extends CodeAnswer {
  readonly partition: number;
  /** -1 when none is committed. */
  readonly offset: number;
  /** "" when there is none. */
  readonly metadata: string;
}

/** Makes offsets part of the transaction; the answer is the first refusal. */
export async function commitOffsets(
  broker: SendBroker,
  commit: TxnOffsetCommit,
): Promise<CodeAnswer> {
  const encoded = encodeTxnOffsetCommit(commit);
  return await callBroker(
    broker,
    flexibleCall(TXN_OFFSET_COMMIT, encoded, readTxnOffsetCommitAnswer),
  );
}

/**
 * A group's committed offsets. With `requireStable` a partition that an open
 * transaction has an offset for answers UNSTABLE_OFFSET_COMMIT, else the one
 * that is committed.
 */
export async function fetchOffsets(
  broker: SendBroker,
  query: OffsetQuery,
): Promise<CodeAnswer & { readonly offsets: readonly FetchedOffset[] }> {
  const encoded = encodeOffsetFetch(query);
  return await callBroker(
    broker,
    flexibleCall(OFFSET_FETCH, encoded, readOffsetFetchAnswer),
  );
}

/** Which offsets are asked for. */
export interface OffsetQuery extends TopicPartitions {
  readonly group: string;
  readonly requireStable: boolean;
}

/** Asks whether a member still has its seat; it counts as a heartbeat. */
export async function heartbeat(
  broker: SendBroker,
  group: string,
  seat: GroupSeat,
): Promise<CodeAnswer> {
  const writer = new FieldWriter()
    .compactString(group)
    .int32(seat.generationId)
    .compactString(seat.memberId)
    .compactString(seat.groupInstanceId)
    .noTags();
  return await callBroker(
    broker,
    flexibleCall(HEARTBEAT, writer.encoded(), (payload) => {
      const { reader, clientSideThrottleTime } = answerOf(payload);
      return { clientSideThrottleTime, errorCode: reader.int16() };
    }),
  );
}

/** A TxnOffsetCommit request (v3). */
export function encodeTxnOffsetCommit(commit: TxnOffsetCommit) {
  const { owner, group, seat, topic, offsets } = commit;
  const writer = new FieldWriter()
    .compactString(owner.transactionalId)
    .compactString(group)
    .int64(owner.producerId)
    .int16(owner.producerEpoch)
    .int32(seat.generationId)
    .compactString(seat.memberId)
    .compactString(seat.groupInstanceId)
    .compactLength(1)
    .compactString(topic)
    .compactLength(offsets.length);
  for (const { partition, offset, metadata } of offsets) {
    writer.int32(partition).int64(offset).int32(NO_LEADER_EPOCH);
    writer.compactString(metadata).noTags();
  }
  return writer.noTags().noTags().encoded();
}

/** Reads a TxnOffsetCommit response (v3), its header too. */
export function readTxnOffsetCommitAnswer(payload: Buffer) {
  const { reader, clientSideThrottleTime } = answerOf(payload);
  let errorCode = 0;
  for (let topics = reader.compactLength(); topics > 0; topics--) {
    reader.compactString(); // Name.
    for (let count = reader.compactLength(); count > 0; count--) {
      reader.skip(4); // Partition.
      // Read in any case: the next field is behind it.
      const code = reader.int16();
      errorCode ||= code;
      reader.skipTags();
    }
    reader.skipTags();
  }
  return { clientSideThrottleTime, errorCode };
}

/** An OffsetFetch request (v7). */
export function encodeOffsetFetch(query: OffsetQuery) {
  const writer = new FieldWriter()
    .compactString(query.group)
    .compactLength(1)
    .compactString(query.topic)
    .compactLength(query.partitions.length);
  for (const partition of query.partitions) writer.int32(partition);
  writer.noTags().int8(query.requireStable ? 1 : 0);
  return writer.noTags().encoded();
}

/** Reads an OffsetFetch response (v7), its header too. */
export function readOffsetFetchAnswer(payload: Buffer) {
  const { reader, clientSideThrottleTime } = answerOf(payload);
  const offsets: FetchedOffset[] = [];
  for (let topics = reader.compactLength(); topics > 0; topics--) {
    reader.compactString(); // Name.
    for (let count = reader.compactLength(); count > 0; count--) {
      const partition = reader.int32();
      const offset = reader.int64();
      reader.skip(4); // Leader epoch.
      const metadata = reader.compactString();
      const errorCode = reader.int16();
      offsets.push({ partition, offset, metadata, errorCode });
      reader.skipTags();
    }
    reader.skipTags();
  }
  return { clientSideThrottleTime, errorCode: reader.int16(), offsets };
}

/** Behind the header; kafkajs holds the connection back for the throttle time. */
function answerOf(payload: Buffer) {
  const reader = new FieldReader(payload, 0);
  reader.skipTags();
  return { reader, clientSideThrottleTime: reader.int32() };
}
