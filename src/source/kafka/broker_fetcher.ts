import { wallClockMs } from "../../clock.ts";
import type { FetchCluster } from "../../kafka/private/fetch_seam.ts";
import {
  type FetchChannel,
  type FetchedFrame,
  isReadyForFetch,
  openFetchConnection,
  sendFetch,
} from "./fetch_connection.ts";
import { FetchPace } from "./fetch_pace.ts";
import type { FetchedTopic } from "./fetch_request.ts";
import type { FrameSockets } from "./frame_sockets.ts";
import type { PartitionPosition } from "./partition_position.ts";
import { type PartitionTable, planFetch } from "./partition_table.ts";
import type { ReadingOrder } from "./reading_order.ts";
import { Signal } from "./signal.ts";
import type { SourceHealth } from "./source_health.ts";

/** Requests of one connection that may wait for their answers. */
const MAX_IN_FLIGHT = 2;

/** What a fetcher works with. */
export interface BrokerFetcherOptions {
  readonly node: number;
  /** The topic as it is known now. */
  readonly topic: () => FetchedTopic;
  readonly cluster: FetchCluster;
  readonly sockets: FrameSockets;
  readonly table: PartitionTable;
  readonly order: ReadingOrder;
  readonly health: Pick<SourceHealth, "fetch">;
  /** Answers that may be on their way or not wholly processed yet. */
  readonly framesMax: () => number;
  /** Takes an answer; retains the frame for what it keeps of it. */
  readonly onAnswer: (
    answer: FetchedFrame,
    asked: readonly PartitionPosition[],
  ) => void;
  /** Told that requests to the broker fail. */
  readonly onTrouble: (
    error: unknown,
    asked: readonly PartitionPosition[],
  ) => void;
}

/**
 * Keeps one broker busy with fetches for the partitions that it leads, as long
 * as answers are taken: the frames that nobody has released are counted.
 */
export class BrokerFetcher {
  readonly #options: BrokerFetcherOptions;
  readonly #signal = new Signal();
  readonly #pace = new FetchPace();
  #channel: FetchChannel | null = null;
  #alarm: NodeJS.Timeout | undefined;
  #inFlight = 0;
  #heldFrames = 0;
  #isStopped = false;

  constructor(options: BrokerFetcherOptions) {
    this.#options = options;
  }

  /** To be called when partitions may have become fetchable. */
  wake(): void {
    this.#signal.set();
  }

  /** Sends nothing any more; `run` returns. */
  stop(): void {
    this.#isStopped = true;
    this.#signal.set();
  }

  /** Fetches until `stop`. Never rejects: failures go to `onTrouble`. */
  async run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        await this.#sendAll();
      } catch (error) {
        this.#fail(error, this.#plan());
      }
      await this.#signal.wait();
    }
  }

  async #sendAll(): Promise<void> {
    while (this.#hasRoom() && this.#isDue(this.#plan())) {
      const channel = await this.#connect();
      if (this.#isStopped) return;
      if (this.#inFlight > 0 && !isReadyForFetch(channel.connection)) return;
      // Planned again: connecting takes time, in which partitions may go.
      const positions = this.#plan();
      if (positions.length > 0) this.#send(channel, positions);
    }
  }

  /** False when there is nothing to ask for, or not yet; then it is woken. */
  #isDue(positions: readonly PartitionPosition[]): boolean {
    if (positions.length === 0) return false;
    if (positions.some((each) => each.isBehind)) return true;
    const waitMs = this.#pace.waitMs(wallClockMs());
    if (waitMs === 0) return true;
    clearTimeout(this.#alarm);
    this.#alarm = setTimeout(() => this.#signal.set(), waitMs);
    return false;
  }

  #hasRoom(): boolean {
    if (this.#isStopped || this.#inFlight >= MAX_IN_FLIGHT) return false;
    const { framesMax, order, table } = this.#options;
    if (this.#inFlight + this.#heldFrames < framesMax()) return true;
    return order.isStarved(table);
  }

  #plan(): PartitionPosition[] {
    const { table, node, order } = this.#options;
    return order.isSet
      ? order.plan(table, node)
      : planFetch(table, node, this.#inFlight);
  }

  async #connect(): Promise<FetchChannel> {
    if (this.#channel?.connection.isConnected()) return this.#channel;
    const { cluster, sockets, node } = this.#options;
    this.#channel = await openFetchConnection(cluster, sockets, node);
    return this.#channel;
  }

  #send(channel: FetchChannel, asked: readonly PartitionPosition[]) {
    this.#inFlight++;
    this.#pace.noteRequest(wallClockMs());
    for (const position of asked) position.isInFlight = true;
    const answered = this.#options.health.fetch();
    const settle = () => {
      answered();
      this.#inFlight--;
      for (const position of asked) position.isInFlight = false;
      this.#signal.set();
    };
    sendFetch(channel, this.#options.topic(), asked).then(
      (answer) => {
        settle();
        this.#receive(answer, asked);
      },
      (error) => {
        settle();
        this.#fail(error, asked);
      },
    );
  }

  #receive(answer: FetchedFrame, asked: readonly PartitionPosition[]): void {
    const { frame } = answer;
    this.#heldFrames++;
    frame.onFree = () => {
      this.#heldFrames--;
      this.#signal.set();
    };
    try {
      this.#options.onAnswer(answer, asked);
    } catch (error) {
      this.#fail(error, asked);
    } finally {
      frame.release();
    }
  }

  #fail(error: unknown, asked: readonly PartitionPosition[]): void {
    if (this.#isStopped) return;
    this.#options.onTrouble(error, asked);
  }
}
