import type { Socket } from "node:net";
import type {
  FetchCluster,
  FetchConnection,
} from "../../src/kafka/private/fetch_seam.ts";
import { type Frame, FramePool } from "../../src/record/frame_pool.ts";

/** One partition of a fetch request, as a broker sees it. */
export interface AskedPartition {
  readonly partition: number;
  readonly offset: number;
  readonly maxBytes: number;
}

/** What a broker answers for one partition. */
export interface AnsweredPartition {
  readonly partition: number;
  readonly errorCode?: number;
  readonly lastStableOffset?: number;
  readonly records?: Buffer;
}

/** Answers a fetch; a rejection stands for a lost connection. */
export type FakeBroker = (
  asked: readonly AskedPartition[],
) => Promise<readonly AnsweredPartition[]>;

/** A cluster without a network: brokers are functions, leaders a table. */
export class FakeFetchCluster implements FetchCluster {
  readonly brokers = new Map<number, FakeBroker>();
  readonly leaders = new Map<number, number>();
  /** What `leaders` says to those who ask; follows at `refreshMetadata`. */
  #known = new Map<number, number>();
  readonly #pool = new FramePool();
  refreshes = 0;

  async connect(): Promise<void> {
    await this.refreshMetadata();
  }

  async disconnect(): Promise<void> {}

  async addTargetTopic(): Promise<void> {}

  async refreshMetadata(): Promise<void> {
    this.refreshes++;
    this.#known = new Map(this.leaders);
  }

  getNodeIds(): string[] {
    return [...this.brokers.keys()].map(String);
  }

  findTopicPartitionMetadata() {
    return [...this.#known].map(([partitionId, leader]) => ({
      partitionId,
      leader,
    }));
  }

  /** Every partition begins at offset 0. */
  async fetchTopicsOffset(
    topics: Parameters<FetchCluster["fetchTopicsOffset"]>[0],
  ) {
    return topics.map(({ partitions }) => ({
      partitions: partitions.map(({ partition }) => ({
        partition,
        offset: "0",
      })),
    }));
  }

  async findBroker({ nodeId }: { nodeId: string }) {
    const connection = this.#connectionTo(this.brokers.get(Number(nodeId))!);
    return {
      versions: { 1: { maxVersion: 11 } },
      connectionPool: { getConnection: async () => connection },
    };
  }

  #connectionTo(broker: FakeBroker): FetchConnection {
    return {
      socket: {} as Socket,
      sasl: null,
      authHandlers: null,
      isConnected: () => true,
      isAuthenticated: () => true,
      authenticate: async () => {},
      requestQueue: { inflight: new Map(), fulfillRequest: () => {} },
      send: async (request) => {
        const asked = await readRequest(request as EncodedRequest);
        return this.#frameOf(encodeAnswer(await broker(asked)));
      },
    };
  }

  #frameOf(bytes: Buffer): Frame {
    const frame = this.#pool.take(bytes.length);
    bytes.copy(frame.bytes);
    return frame;
  }
}

interface EncodedRequest {
  readonly request: { encode(): Promise<{ buffer: Buffer }> };
}

/** Bytes of a fetch request (v11) before its topics. */
const REQUEST_HEAD_BYTES = 25;

async function readRequest({ request }: EncodedRequest) {
  const { buffer } = await request.encode();
  let at = REQUEST_HEAD_BYTES + 4;
  at += 2 + buffer.readInt16BE(at);
  const count = buffer.readInt32BE(at);
  at += 4;
  return Array.from({ length: count }, (_, index): AskedPartition => {
    const start = at + index * 28;
    const offset = Number(buffer.readBigInt64BE(start + 8));
    const maxBytes = buffer.readInt32BE(start + 24);
    return { partition: buffer.readInt32BE(start), offset, maxBytes };
  });
}

/** A fetch response (v11) from its correlation id on. */
export function encodeAnswer(answers: readonly AnsweredPartition[]): Buffer {
  // Correlation id, throttle time, error code, session id; then one topic.
  const head = Buffer.alloc(14 + 4 + 2 + 1 + 4);
  head.writeInt32BE(1, 14);
  head.writeInt16BE(1, 18);
  head.write("t", 20);
  head.writeInt32BE(answers.length, 21);
  return Buffer.concat([head, ...answers.flatMap(encodePartition)]);
}

function encodePartition(answer: AnsweredPartition): Buffer[] {
  const { records = Buffer.alloc(0), lastStableOffset = 0 } = answer;
  const head = Buffer.alloc(42);
  head.writeInt32BE(answer.partition, 0);
  head.writeInt16BE(answer.errorCode ?? 0, 4);
  head.writeBigInt64BE(BigInt(lastStableOffset), 6);
  head.writeBigInt64BE(BigInt(lastStableOffset), 14);
  head.writeInt32BE(0, 30);
  head.writeInt32BE(-1, 34);
  head.writeInt32BE(records.length, 38);
  return [head, records];
}
