import { CODES } from "../error_codes.ts";
import { type EncodedFields, FieldReader, FieldWriter } from "../fields.ts";
import type { FetchCluster } from "./fetch_seam.ts";

// kafkajs speaks Metadata up to version 6, which knows topics by name alone: a
// topic that was deleted and made anew cannot be told from the old one. So this
// request is written and read here, and sent over kafkajs' connections.

const METADATA_API_KEY = 3;
/** The first version that names topics by id, and the last known here. */
const OLDEST_VERSION = 10;
const NEWEST_VERSION = 12;

/** Our rights to a topic, a bit each: Kafka's codes of AclOperation. */
const WRITE_BIT = 1 << 4;
const DESCRIBE_BIT = 1 << 8;
const GONE: readonly number[] = [CODES.unknownTopic, CODES.unknownTopicId];

/** What a broker says of a topic. */
export interface TopicState {
  readonly exists: boolean;
  /** As Kafka's tools print it; null where brokers know of none (below 2.8). */
  readonly id: string | null;
  /** Null from those brokers too, and where it does not exist. */
  readonly partitionCount: number | null;
  /** Whether we may write to it; null where brokers do not say. */
  readonly mayWrite: boolean | null;
}

/** Asks a broker of the cluster for the topic's id and partitions. Throws what kafkajs throws. */
export async function readTopicState(
  cluster: FetchCluster,
  topic: string,
): Promise<TopicState> {
  let failure: unknown = new Error("no broker is known");
  for (const nodeId of cluster.getNodeIds()) {
    try {
      return await askBroker(cluster, nodeId, topic);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function askBroker(
  cluster: FetchCluster,
  nodeId: string,
  topic: string,
): Promise<TopicState> {
  const broker = await cluster.findBroker({ nodeId });
  const { maxVersion = 0 } = broker.versions[METADATA_API_KEY] ?? {};
  if (maxVersion < OLDEST_VERSION) {
    return { exists: true, id: null, partitionCount: null, mayWrite: null };
  }
  const version = Math.min(maxVersion, NEWEST_VERSION);
  const connection = await broker.connectionPool.getConnection(0);
  const answer = await connection.send({
    request: {
      apiKey: METADATA_API_KEY,
      apiVersion: version,
      apiName: "Metadata",
      encode: async () => encodeMetadataRequest(topic, version),
    },
    response: {
      decode: async (payload: Buffer) => readMetadataResponse(payload),
      parse: async (decoded: MetadataAnswer) => decoded,
    },
    logResponseError: false,
  });
  return (answer as MetadataAnswer).state;
}

/** A metadata request (v10 to v12) for one topic. */
export function encodeMetadataRequest(
  topic: string,
  version: number,
): EncodedFields {
  const writer = new FieldWriter();
  writer.compactLength(1).topicId(null).compactString(topic).noTags();
  writer.int8(0); // Not to be created.
  if (version === OLDEST_VERSION) writer.int8(0); // Nor are cluster rights asked for.
  writer.int8(1); // Those of the topic are.
  return writer.noTags().encoded();
}

interface MetadataAnswer {
  readonly state: TopicState;
  /** kafkajs holds back the connection's next requests for so long. */
  readonly clientSideThrottleTime: number;
}

/** Reads a metadata response (v10 to v12) about one topic, its header too. */
export function readMetadataResponse(payload: Buffer): MetadataAnswer {
  const reader = new FieldReader(payload, 0);
  reader.skipTags();
  const clientSideThrottleTime = reader.int32();
  for (let brokers = reader.compactLength(); brokers > 0; brokers--) {
    reader.skip(4); // Node id.
    reader.compactString(); // Host.
    reader.skip(4); // Port.
    reader.compactString(); // Rack.
    reader.skipTags();
  }
  reader.compactString(); // Cluster id.
  reader.skip(4); // Node id of the controller.
  if (reader.compactLength() !== 1) {
    throw new Error("Cannot read metadata: expected one topic");
  }
  return { state: readTopic(reader), clientSideThrottleTime };
}

function readTopic(reader: FieldReader): TopicState {
  const errorCode = reader.int16();
  reader.compactString(); // Name.
  const id = reader.topicId();
  reader.skip(1); // Whether it is internal.
  const partitionCount = reader.compactLength();
  for (let left = partitionCount; left > 0; left--) skipPartition(reader);
  const mayWrite = mayWriteBy(reader.int32());
  if (GONE.includes(errorCode)) {
    return { exists: false, id, partitionCount: null, mayWrite: null };
  }
  const isForbidden = errorCode === CODES.topicForbidden;
  return {
    ...{ exists: true, id, partitionCount },
    mayWrite: isForbidden ? false : mayWrite,
  };
}

/** Who is told of a topic may describe it: rights that deny it are not kept. */
function mayWriteBy(rights: number): boolean | null {
  return rights & DESCRIBE_BIT ? (rights & WRITE_BIT) !== 0 : null;
}

function skipPartition(reader: FieldReader): void {
  // Error code, partition, leader and its epoch.
  reader.skip(2 + 4 + 4 + 4);
  // Replicas, those in sync, and those that are offline: node ids.
  for (let list = 0; list < 3; list++) reader.skip(4 * reader.compactLength());
  reader.skipTags();
}
