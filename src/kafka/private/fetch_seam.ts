import type { Socket } from "node:net";
import type { Kafka } from "kafkajs";
import protocolErrors from "kafkajs/src/protocol/error.js";
import fetchRequest from "kafkajs/src/protocol/requests/fetch/v11/request.js";
import type { LeavingCluster } from "./group_entry.ts";

// Everything of kafkajs that is not public and that reading needs is named in
// this file. kafkajs is pinned to 2.2.4, which has no `exports`, so that its
// modules can be loaded by path; they have no types, so they get them here.

/** A partition as the cluster's metadata shows it. */
export interface PartitionMetadata {
  readonly partitionId: number;
  /** Node id of the leader, -1 while there is none. */
  readonly leader: number;
}

/** Offsets of one topic, each a decimal string. */
interface TopicOffsets {
  readonly partitions: readonly { partition: number; offset: string }[];
}

/**
 * kafkajs' `Cluster`: metadata, brokers and their connections with TLS and
 * SASL. It is what the public consumer reads with, and has no public door.
 */
export interface FetchCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  /** Ids of the brokers that are known. */
  getNodeIds(): readonly string[];
  findTopicPartitionMetadata(topic: string): readonly PartitionMetadata[];
  findBroker(options: { nodeId: string }): Promise<FetchBroker>;
  /** With `read_committed` the latest offset is the last stable one. */
  fetchTopicsOffset(
    topics: readonly {
      topic: string;
      partitions: readonly { partition: number }[];
      fromBeginning: boolean;
    }[],
  ): Promise<readonly TopicOffsets[]>;
}

interface FetchBroker {
  readonly versions: Record<number, { maxVersion: number }>;
  /** kafkajs keeps two connections a broker, the second one for fetches. */
  readonly connectionPool: {
    getConnection(index: number): Promise<FetchConnection>;
  };
}

/** kafkajs' `Connection`. */
export interface FetchConnection {
  readonly socket: Socket;
  readonly sasl: unknown;
  /** Set while an authentication waits for its answer. */
  readonly authHandlers: unknown;
  isConnected(): boolean;
  isAuthenticated(): boolean;
  authenticate(): Promise<void>;
  send(request: unknown): Promise<unknown>;
  /** Requests that wait for an answer, by correlation id. */
  readonly requestQueue: {
    readonly inflight: ReadonlyMap<number, { entry: { apiKey: number } }>;
    fulfillRequest(answer: {
      correlationId: number;
      size: number;
      payload: unknown;
    }): void;
  };
}

/** `read_committed`, as kafkajs' protocol/isolationLevel.js numbers it. */
const READ_COMMITTED = 1;

/**
 * A cluster of its own for reading, made as `kafka.consumer()` makes one. The
 * factory hangs on a symbol; going through it keeps brokers, TLS, SASL, logger
 * and socket factory those of `kafka`.
 */
export function createFetchCluster(
  kafka: Kafka,
): FetchCluster & LeavingCluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === "private:Kafka:createCluster",
  );
  if (symbol === undefined) {
    throw new Error("Cannot create cluster: expected kafkajs 2.2.4");
  }
  const factories = kafka as unknown as Record<
    symbol,
    (options: unknown) => FetchCluster & LeavingCluster
  >;
  return factories[symbol]!({
    allowAutoTopicCreation: false,
    isolationLevel: READ_COMMITTED,
  });
}

interface ProtocolError extends Error {
  readonly type: string;
  readonly retriable: boolean;
}

/** Names Kafka's error codes; the list is not exported by kafkajs. */
export const createErrorFromCode: (code: number) => ProtocolError =
  protocolErrors.createErrorFromCode;

/**
 * Encodes a fetch request (v11). The public consumer's own answers are decoded
 * into an object a record, so only the request side is of use.
 */
export const encodeFetchRequest: (request: {
  replicaId: -1;
  maxWaitTime: number;
  minBytes: number;
  maxBytes: number;
  isolationLevel: typeof READ_COMMITTED;
  topics: readonly {
    topic: string;
    partitions: readonly {
      partition: number;
      fetchOffset: number;
      maxBytes: number;
    }[];
  }[];
}) => unknown = fetchRequest;
