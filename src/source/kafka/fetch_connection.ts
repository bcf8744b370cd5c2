import { WorldError } from "../../errors.ts";
import {
  encodeFetchRequest,
  type FetchCluster,
  type FetchConnection,
} from "../../kafka/private/fetch_seam.ts";
import { readThrottleMs } from "./fetch_response.ts";
import type { Frame } from "./frame_pool.ts";
import type { FrameSockets } from "./frame_sockets.ts";
import type { PartitionPosition } from "./partition_position.ts";

const FETCH_API_KEY = 1;
const FETCH_VERSION = 11;
/** Which of kafkajs' two connections a broker is the one for fetches. */
const FETCH_CONNECTION = 1;

/** How long the broker may wait for a first record, ms. */
export const MAX_WAIT_MS = 200;
/**
 * Bytes of records in one response, of one partition or of several: a request
 * costs some 0.2 ms on each side. Just below a step of the frames' sizes.
 */
const MAX_RESPONSE_BYTES = 2752 * 1024;

/** The connection for fetches from `node`, connected and authenticated. */
export async function openFetchConnection(
  cluster: FetchCluster,
  sockets: FrameSockets,
  node: number,
): Promise<FetchConnection> {
  const broker = await cluster.findBroker({ nodeId: String(node) });
  const { maxVersion = 0 } = broker.versions[FETCH_API_KEY] ?? {};
  if (maxVersion < FETCH_VERSION) {
    throw new WorldError(
      `Cannot read from broker ${node}: it speaks Fetch up to version ` +
        `${maxVersion}, expected ${FETCH_VERSION} (Kafka 2.3 or newer)`,
    );
  }
  const { connectionPool } = broker;
  const connection = await connectionPool.getConnection(FETCH_CONNECTION);
  await connection.authenticate();
  sockets.attach(connection);
  return connection;
}

/** False when it has to log in again, which it cannot amid answers. */
export function isReadyForFetch(connection: FetchConnection): boolean {
  return !connection.sasl || connection.isAuthenticated();
}

/** Asks for records from the given positions on; the caller owns the frame. */
export async function sendFetch(
  connection: FetchConnection,
  topic: string,
  positions: readonly PartitionPosition[],
): Promise<Frame> {
  const partitions = positions.map(({ partition, offset }) => ({
    partition,
    fetchOffset: offset,
    maxBytes: MAX_RESPONSE_BYTES,
  }));
  const request = encodeFetchRequest({
    replicaId: -1,
    maxWaitTime: MAX_WAIT_MS,
    minBytes: 1,
    maxBytes: MAX_RESPONSE_BYTES,
    isolationLevel: 1,
    topics: [{ topic, partitions }],
  });
  const answer = await connection.send({
    request,
    response: { decode: decodeFrame, parse: unwrapFrame },
    logResponseError: false,
  });
  return answer as Frame;
}

interface DecodedFrame {
  readonly frame: Frame;
  /** kafkajs holds back the connection's next requests for so long. */
  readonly clientSideThrottleTime: number;
}

async function decodeFrame(frame: Frame): Promise<DecodedFrame> {
  return { frame, clientSideThrottleTime: readThrottleMs(frame.bytes) };
}

async function unwrapFrame({ frame }: DecodedFrame): Promise<Frame> {
  return frame;
}
