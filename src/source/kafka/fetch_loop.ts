import { setTimeout as sleep } from "node:timers/promises";
import { plainMessage } from "../../kafka/client.ts";
import {
  createErrorFromCode,
  type FetchCluster,
} from "../../kafka/private/fetch_seam.ts";
import type { StartOffset } from "../source.ts";
import { BrokerFetcher } from "./broker_fetcher.ts";
import type { EventQueue } from "./event_queue.ts";
import { type PartitionAnswer, readFetchResponse } from "./fetch_response.ts";
import type { Frame } from "./frame_pool.ts";
import type { FrameSockets } from "./frame_sockets.ts";
import { isFatal, OFFSET_OUT_OF_RANGE } from "./kafka_trouble.ts";
import type { PartitionPosition } from "./partition_position.ts";
import { PartitionTable } from "./partition_table.ts";
import { takeRecords } from "./record_intake.ts";
import { Signal } from "./signal.ts";
import { readOffsets } from "./topic_offsets.ts";

/** Time that a new leader or a restarted broker is given, ms. */
const RETRY_MS = 200;

/** What a fetch loop works with. */
export interface FetchLoopOptions {
  readonly topic: string;
  readonly cluster: FetchCluster;
  readonly sockets: FrameSockets;
  readonly queue: EventQueue;
  readonly warn: (text: string) => void;
  /** Called once, when reading cannot go on. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Reads the owned partitions from their leaders into the queue, and finds
 * leaders and positions again when they are lost.
 */
export class FetchLoop {
  readonly #options: FetchLoopOptions;
  readonly #table = new PartitionTable();
  readonly #fetchers = new Map<number, BrokerFetcher>();
  readonly #loss = new Signal();
  readonly #stopping = new AbortController();
  #isMetadataStale = false;

  constructor(options: FetchLoopOptions) {
    this.#options = options;
  }

  /** The owned partitions. */
  get table(): PartitionTable {
    return this.#table;
  }

  /** Reads these partitions from here on, and forgets what came of others. */
  assign(positions: readonly PartitionPosition[]): void {
    this.#table.assign(positions);
    this.#options.queue.dropUnless((each) => this.#table.has(each));
    this.#loss.set();
  }

  /** Reads a partition from here on; a no-op when it is not owned any more. */
  begin(partition: number, from: StartOffset): void {
    const position = this.#table.find(partition);
    // One that came back meanwhile begins with the event that tells of it.
    if (!position?.isAnnounced) return;
    position.begin(from);
    this.#loss.set();
  }

  /** Sends nothing any more; `run` returns. */
  stop(): void {
    this.#stopping.abort();
    for (const fetcher of this.#fetchers.values()) fetcher.stop();
    this.#loss.set();
  }

  /** Runs until `stop`. Never rejects: see `onFailure`. */
  async run(): Promise<void> {
    while (!this.#isStopped) {
      await this.#loss.wait();
      while (!this.#isStopped && this.#lost().length > 0) {
        try {
          await this.#recover();
        } catch (error) {
          this.#lose([], error);
        }
      }
    }
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #lost(): PartitionPosition[] {
    return this.#table.all.filter((each) => each.hasBegun && each.isLost);
  }

  async #recover(): Promise<void> {
    const { cluster, topic } = this.#options;
    if (this.#isMetadataStale) {
      await this.#pause();
      await cluster.refreshMetadata();
      this.#isMetadataStale = false;
    }
    const lost = this.#lost();
    const known = cluster.findTopicPartitionMetadata(topic);
    for (const position of lost) {
      const { partition } = position;
      const found = known.find((each) => each.partitionId === partition);
      position.leader = found?.leader ?? -1;
    }
    const led = lost.filter(({ leader }) => leader >= 0);
    if (led.length < lost.length) this.#isMetadataStale = true;
    await this.#findStarts(led.filter(({ offset }) => offset < 0));
    for (const position of led) {
      position.isLost = false;
      this.#finishIfAtEnd(position);
    }
    this.#wakeFetchers(led);
  }

  /** Positions that have no offset begin at the earliest one there is. */
  async #findStarts(positions: readonly PartitionPosition[]): Promise<void> {
    if (positions.length === 0) return;
    const { cluster, topic } = this.#options;
    const partitions = positions.map(({ partition }) => partition);
    const starts = await readOffsets(cluster, topic, {
      partitions,
      end: false,
    });
    for (const position of positions) {
      position.offset = starts.get(position.partition) ?? -1;
      if (position.offset < 0) throw new Error("offset is not known");
    }
  }

  /** What it begins at may be the end of a bounded run, or past it. */
  #finishIfAtEnd(position: PartitionPosition): void {
    const { partition } = position;
    if (position.finish()) {
      this.#options.queue.push({ kind: "finished", partition });
    }
  }

  #wakeFetchers(positions: readonly PartitionPosition[]): void {
    for (const { leader } of positions) {
      if (this.#isStopped || this.#fetchers.has(leader)) continue;
      const fetcher = this.#createFetcher(leader);
      this.#fetchers.set(leader, fetcher);
      fetcher.run();
    }
    for (const fetcher of this.#fetchers.values()) fetcher.wake();
  }

  #createFetcher(node: number): BrokerFetcher {
    const { topic, cluster, sockets } = this.#options;
    return new BrokerFetcher({
      node,
      topic,
      cluster,
      sockets,
      table: this.#table,
      onAnswer: (frame, asked) => this.#takeAnswer(frame, asked),
      onTrouble: (error, asked) => this.#lose(asked, error),
    });
  }

  #takeAnswer(frame: Frame, asked: readonly PartitionPosition[]): void {
    const { errorCode, partitions } = readFetchResponse(frame.bytes);
    if (errorCode !== 0) throw createErrorFromCode(errorCode);
    for (const answer of partitions) {
      const position = asked.find((p) => p.partition === answer.partition);
      // What was asked for before a rebalance may be another member's now.
      if (position === undefined || !this.#table.has(position)) continue;
      if (answer.errorCode !== 0) this.#takeError(position, answer);
      else this.#takeRecords(position, answer, frame);
    }
  }

  #takeRecords(
    position: PartitionPosition,
    answer: PartitionAnswer,
    frame: Frame,
  ): void {
    const { topic, queue } = this.#options;
    takeRecords(position, answer, { topic, frame, queue });
    if (answer.end > answer.start) this.#table.moveToEnd(position);
  }

  #takeError(position: PartitionPosition, { errorCode }: PartitionAnswer) {
    if (errorCode !== OFFSET_OUT_OF_RANGE) {
      this.#lose([position], createErrorFromCode(errorCode));
      return;
    }
    const { topic, warn } = this.#options;
    warn(
      `Records of topic "${topic}" were deleted before they were read: ` +
        `offset ${position.offset} of partition ${position.partition} is gone`,
    );
    position.offset = -1;
    position.isLost = true;
    this.#loss.set();
  }

  /** Leaders have to be found anew, as for a broker that does not answer. */
  #lose(positions: readonly PartitionPosition[], error: unknown): void {
    if (this.#isStopped) return;
    if (isFatal(error)) {
      this.#options.onFailure(error);
      this.stop();
      return;
    }
    const { topic, warn } = this.#options;
    warn(`Cannot read topic "${topic}" now: ${plainMessage(error)}`);
    for (const position of positions) position.isLost = true;
    this.#isMetadataStale = true;
    this.#loss.set();
  }

  async #pause(): Promise<void> {
    const { signal } = this.#stopping;
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}
