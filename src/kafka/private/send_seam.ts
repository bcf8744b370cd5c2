import type { Kafka } from "kafkajs";
import produceRequests from "kafkajs/src/protocol/requests/produce/index.js";
import { type ProduceRequest, produceFrame } from "../produce_frame.ts";
import {
  createErrorFromCode,
  createFetchCluster,
  type FetchCluster,
} from "./fetch_seam.ts";

// Why these private modules, of kafkajs 2.2.4 exactly: its public producer has
// one request a broker on its way for all topics, tries again without a word,
// and takes records, not batches. What it stands on is used here instead:
// - the cluster's `brokerPool`: metadata, brokers, connections, TLS, SASL.
// - protocol/requests/produce: decoding the broker's answer.
const { protocol } = produceRequests as {
  protocol(options: { version: number }): (request: object) => {
    response: { decode(payload: Buffer): Promise<ProduceResponse> };
  };
};

const PRODUCE_API_KEY = 0;
const OLDEST_VERSION = 3;
const NEWEST_VERSION = 7;

/** kafkajs' brokers, each with its connections. */
export interface BrokerPool {
  /** What the last `refreshMetadata` said. */
  readonly metadata: {
    readonly topicMetadata: readonly {
      readonly topic: string;
      readonly partitionMetadata: readonly PartitionLeader[];
    }[];
  } | null;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Ids of the brokers that are known. */
  getNodeIds(): readonly string[];
  /** Throws when one of the topics, or one of their leaders, is missing. */
  refreshMetadata(topics: readonly string[]): Promise<void>;
  /** A broker that is connected and authenticated. */
  findBroker(options: { nodeId: string }): Promise<SendBroker>;
  /** The same, whichever it is. */
  findConnectedBroker(): Promise<SendBroker>;
}

interface PartitionLeader {
  readonly partitionId: number;
  readonly leader: number;
}

/** kafkajs' `Broker`. */
export interface SendBroker {
  readonly versions: Record<number, { maxVersion: number }>;
  readonly connectionPool: {
    getConnection(): Promise<Connection>;
    send(request: object): Promise<unknown>;
  };
  /** Throws when the topic, or the leader of one of its partitions, is missing. */
  metadata(topics: readonly string[]): Promise<{
    readonly topicMetadata: readonly {
      readonly partitionMetadata: readonly PartitionLeader[];
    }[];
  }>;
  /** Throws the first error of the answer. */
  listOffsets(query: {
    readonly replicaId: -1;
    readonly isolationLevel: 1;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly timestamp: number;
      }[];
    }[];
  }): Promise<{
    readonly responses: readonly {
      readonly partitions: readonly { partition: number; offset: string }[];
    }[];
  }>;
  initProducerId(options: { transactionTimeout: number }): Promise<{
    readonly producerId: string;
    readonly producerEpoch: number;
  }>;
  disconnect(): Promise<void>;
}

interface Connection {
  readonly clientId: string;
  readonly socket: import("node:net").Socket;
  readonly requestQueue: {
    push(request: object): void;
    maybeThrottle(timeMs: number | undefined): void;
  };
  isAuthenticated(): boolean;
  authenticate(): Promise<void>;
  failIfNotConnected(): void;
  nextCorrelationId(): number;
}

interface ProduceResponse {
  readonly topics: readonly {
    readonly topicName: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly errorCode: number;
      readonly baseOffset: string;
    }[];
  }[];
  readonly clientSideThrottleTime?: number;
}

/** What a broker says of one batch. */
export interface ProduceAnswer {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  /** Offset of the batch's first record; -1 when the broker does not say. */
  readonly baseOffset: number;
}

/** A cluster of its own for one sender. */
export type SendCluster = FetchCluster & { readonly brokerPool: BrokerPool };

/** Makes a cluster of `kafka`'s settings; its brokers are not connected yet. */
export function createSendCluster(kafka: Kafka): SendCluster {
  return createFetchCluster(kafka) as unknown as SendCluster;
}

/** What a produce request says, but for what its connection knows. */
export type ProduceOrder = Omit<
  ProduceRequest,
  "apiVersion" | "clientId" | "correlationId"
>;

/** Sends record batches to their leader; resolves to what it says of each. */
export async function produce(
  broker: SendBroker,
  order: ProduceOrder,
): Promise<ProduceAnswer[]> {
  const apiVersion = produceVersion(broker);
  const { response } = protocol({ version: apiVersion })({ topicData: [] });
  try {
    const connection = await readyConnection(broker);
    const payload = await exchange(connection, { ...order, apiVersion });
    const decoded = await response.decode(payload);
    connection.requestQueue.maybeThrottle(decoded.clientSideThrottleTime);
    return decoded.topics.flatMap(({ topicName, partitions }) =>
      partitions.map(({ partition, errorCode, baseOffset }) => ({
        topic: topicName,
        partition,
        errorCode,
        baseOffset: Number(baseOffset),
      })),
    );
  } catch (error) {
    // As kafkajs' own requests do, so that the next attempt connects anew.
    if ((error as Error).name === "KafkaJSConnectionClosedError") {
      await broker.disconnect();
    }
    throw error;
  }
}

/** kafkajs' error for one of Kafka's codes, and whether to try again. */
export const errorOfCode: (
  code: number,
) => Error & { readonly retriable: boolean } = createErrorFromCode;

function produceVersion(broker: SendBroker): number {
  const maxVersion = broker.versions[PRODUCE_API_KEY]?.maxVersion ?? 0;
  if (maxVersion < OLDEST_VERSION) {
    const error = new Error(
      `the broker speaks Produce v${maxVersion}, ` +
        `expected v${OLDEST_VERSION} or newer (Kafka 0.11)`,
    );
    throw Object.assign(error, { retriable: false });
  }
  return Math.min(maxVersion, NEWEST_VERSION);
}

async function readyConnection(broker: SendBroker): Promise<Connection> {
  const connection = await broker.connectionPool.getConnection();
  if (!connection.isAuthenticated()) await connection.authenticate();
  connection.failIfNotConnected();
  return connection;
}

/** Sends one request through kafkajs' queue; resolves to the answer's bytes. */
async function exchange(
  connection: Connection,
  request: Omit<ProduceRequest, "clientId" | "correlationId">,
): Promise<Buffer> {
  const { clientId, socket, requestQueue } = connection;
  const correlationId = connection.nextCorrelationId();
  const frame = produceFrame({ ...request, clientId, correlationId });
  const { promise, resolve, reject } = Promise.withResolvers<{
    payload: Buffer;
  }>();
  const { apiVersion } = request;
  requestQueue.push({
    entry: {
      apiKey: PRODUCE_API_KEY,
      apiName: "Produce",
      apiVersion,
      correlationId,
      resolve,
      reject,
    },
    expectResponse: true,
    requestTimeout: null,
    sendRequest() {
      // Corked, the pieces reach the kernel as one vector.
      socket.cork();
      for (const piece of frame) socket.write(piece);
      socket.uncork();
    },
  });
  return (await promise).payload;
}
