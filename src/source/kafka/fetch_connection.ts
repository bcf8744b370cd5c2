import { WorldError } from "../../errors.ts";
import type {
  FetchCluster,
  FetchConnection,
} from "../../kafka/private/fetch_seam.ts";
import type { Frame } from "../../record/frame_pool.ts";
import {
  FETCH_BY_ID,
  FETCH_BY_NAME,
  type FetchedTopic,
  fetchRequest,
} from "./fetch_request.ts";
import { readThrottleMs } from "./fetch_response.ts";
import type { FrameSockets } from "./frame_sockets.ts";
import type { PartitionPosition } from "./partition_position.ts";

const FETCH_API_KEY = 1;
/** Which of kafkajs' two connections a broker is the one for fetches. */
const FETCH_CONNECTION = 1;

/** A connection for fetches, and how they are asked there. */
export interface FetchChannel {
  readonly connection: FetchConnection;
  /** True when topics may be named by id. */
  readonly knowsTopicIds: boolean;
}

/** The connection for fetches from `node`, connected and authenticated. */
export async function openFetchConnection(
  cluster: FetchCluster,
  sockets: FrameSockets,
  node: number,
): Promise<FetchChannel> {
  const broker = await cluster.findBroker({ nodeId: String(node) });
  const { maxVersion = 0 } = broker.versions[FETCH_API_KEY] ?? {};
  if (maxVersion < FETCH_BY_NAME) {
    throw new WorldError(
      `Cannot read from broker ${node}: it speaks Fetch up to version ` +
        `${maxVersion}, expected ${FETCH_BY_NAME} (Kafka 2.3 or newer)`,
    );
  }
  const { connectionPool } = broker;
  const connection = await connectionPool.getConnection(FETCH_CONNECTION);
  await connection.authenticate();
  sockets.attach(connection);
  return { connection, knowsTopicIds: maxVersion >= FETCH_BY_ID };
}

/** False when it has to log in again, which it cannot amid answers. */
export function isReadyForFetch(connection: FetchConnection): boolean {
  return !connection.sasl || connection.isAuthenticated();
}

/** An answer, and the version of the protocol that it is written in. */
export interface FetchedFrame {
  readonly frame: Frame;
  readonly version: number;
}

/** Asks for records from the given positions on; the caller owns the frame. */
export async function sendFetch(
  { connection, knowsTopicIds }: FetchChannel,
  topic: FetchedTopic,
  positions: readonly PartitionPosition[],
): Promise<FetchedFrame> {
  const isById = knowsTopicIds && topic.id !== null;
  const version = isById ? FETCH_BY_ID : FETCH_BY_NAME;
  const answer = await connection.send({
    request: fetchRequest(topic, version, positions),
    response: {
      decode: async (frame: Frame): Promise<DecodedFrame> => ({
        frame,
        clientSideThrottleTime: readThrottleMs(frame.bytes, version),
      }),
      parse: async ({ frame }: DecodedFrame) => frame,
    },
    logResponseError: false,
  });
  return { frame: answer as Frame, version };
}

interface DecodedFrame {
  readonly frame: Frame;
  /** kafkajs holds back the connection's next requests for so long. */
  readonly clientSideThrottleTime: number;
}
