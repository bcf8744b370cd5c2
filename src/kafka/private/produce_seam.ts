import { createRequire } from "node:module";
import { OutgoingBatch } from "../outgoing_batch.ts";
import { produceFrame } from "../produce_frame.ts";

// Why these private modules, of kafkajs 2.2.4 exactly:
// - broker: `Broker.prototype.produce` is the one place that all of kafkajs'
//   produce paths (plain, idempotent, transactional) go through, behind its
//   leaders, locks, retries and transactions. There encoded batches take
//   another way; messages of anyone else go on as before.
// - protocol/requests/produce: decoding and judging the broker's answer.
const require = createRequire(import.meta.url);
const { prototype } = require("kafkajs/src/broker/index.js") as {
  prototype: Broker;
};
const { protocol } =
  require("kafkajs/src/protocol/requests/produce/index.js") as {
    protocol(options: { version: number }): (request: object) => {
      response: ProduceResponseCodec;
    };
  };

const PRODUCE_API_KEY = 0;
const OLDEST_VERSION = 3;
const NEWEST_VERSION = 7;
/** The broker has had this batch long ago: as good as an acknowledgement. */
const DUPLICATE_SEQUENCE_NUMBER = 46;

interface Broker {
  readonly versions: Record<number, { maxVersion: number }>;
  readonly connectionPool: { getConnection(): Promise<Connection> };
  produce(request: BrokerProduceRequest): Promise<ProduceResponse>;
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

interface BrokerProduceRequest {
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly messages: unknown;
    }[];
  }[];
  readonly transactionalId?: string;
  readonly producerId: string | number;
  readonly producerEpoch: number;
  readonly timeout?: number;
}

interface ProduceResponse {
  readonly topics: {
    topicName: string;
    partitions: { partition: number; errorCode: number }[];
  }[];
  readonly clientSideThrottleTime?: number;
}

interface ProduceResponseCodec {
  decode(payload: Buffer): Promise<ProduceResponse>;
  parse(decoded: ProduceResponse): Promise<ProduceResponse>;
}

const stockProduce = prototype.produce;

prototype.produce = async function produce(
  this: Broker,
  request: BrokerProduceRequest,
): Promise<ProduceResponse> {
  const data = request.topicData[0];
  return data?.partitions[0]?.messages instanceof OutgoingBatch
    ? await produceEncoded(this, request)
    : await stockProduce.call(this, request);
};

async function produceEncoded(
  broker: Broker,
  request: BrokerProduceRequest,
): Promise<ProduceResponse> {
  const { topic, partitions } = request.topicData[0]!;
  // A retry names every partition again, also those that were acknowledged.
  const batches = partitions
    .map(({ messages }) => messages as OutgoingBatch)
    .filter((batch) => !batch.acknowledged);
  if (batches.length === 0) return { topics: [] };
  stampAll(batches, request);
  const apiVersion = produceVersion(broker);
  const { response } = protocol({ version: apiVersion })({ topicData: [] });
  try {
    const connection = await readyConnection(broker);
    const payload = await exchange(connection, {
      apiVersion,
      transactionalId: request.transactionalId ?? null,
      timeoutMs: request.timeout ?? 30_000,
      topic,
      batches,
    });
    const decoded = await response.decode(payload);
    connection.requestQueue.maybeThrottle(decoded.clientSideThrottleTime);
    noteAcknowledged(batches, decoded);
    return await response.parse(decoded);
  } catch (error) {
    // As kafkajs' own produce does, so that the next attempt connects anew.
    if ((error as Error).name === "KafkaJSConnectionClosedError") {
      await broker.disconnect();
    }
    throw error;
  }
}

function stampAll(
  batches: readonly OutgoingBatch[],
  request: BrokerProduceRequest,
): void {
  const timestampMs = Date.now();
  const producer = {
    producerId: BigInt(request.producerId),
    producerEpoch: request.producerEpoch,
    transactional: request.transactionalId !== undefined,
  };
  for (const batch of batches) batch.stamp(producer, timestampMs);
}

function produceVersion(broker: Broker): number {
  const maxVersion = broker.versions[PRODUCE_API_KEY]?.maxVersion ?? 0;
  if (maxVersion < OLDEST_VERSION) {
    throw new Error(
      `Cannot produce record batches: the broker speaks Produce v${maxVersion}, ` +
        `expected v${OLDEST_VERSION} or newer (Kafka 0.11)`,
    );
  }
  return Math.min(maxVersion, NEWEST_VERSION);
}

async function readyConnection(broker: Broker): Promise<Connection> {
  const connection = await broker.connectionPool.getConnection();
  if (!connection.isAuthenticated()) await connection.authenticate();
  connection.failIfNotConnected();
  return connection;
}

/** Sends one request through kafkajs' queue; resolves to the answer's bytes. */
async function exchange(
  connection: Connection,
  request: Omit<
    Parameters<typeof produceFrame>[0],
    "clientId" | "correlationId"
  >,
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

function noteAcknowledged(
  batches: readonly OutgoingBatch[],
  { topics }: ProduceResponse,
): void {
  for (const answer of topics.flatMap(({ partitions }) => partitions)) {
    if (answer.errorCode === DUPLICATE_SEQUENCE_NUMBER) answer.errorCode = 0;
    if (answer.errorCode !== 0) continue;
    const batch = batches.find(
      ({ partition }) => partition === answer.partition,
    );
    if (batch) batch.acknowledged = true;
  }
}
