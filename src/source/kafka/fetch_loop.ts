import { setTimeout as sleep } from "node:timers/promises";
import {
  createErrorFromCode,
  type FetchCluster,
} from "../../kafka/private/fetch_seam.ts";
import { BrokerFetchers } from "./broker_fetchers.ts";
import type { EventQueue } from "./event_queue.ts";
import type { FetchedFrame } from "./fetch_connection.ts";
import { readFetchResponse } from "./fetch_response.ts";
import type { FrameSockets } from "./frame_sockets.ts";
import { fetchError, isFatal, isOutOfRange } from "./kafka_trouble.ts";
import type { LossListener } from "./partition_assignments.ts";
import type { FirstPosition, PartitionPosition } from "./partition_position.ts";
import { PartitionTable } from "./partition_table.ts";
import { takeRecords } from "./record_intake.ts";
import { Signal } from "./signal.ts";
import type { SourceHealth } from "./source_health.ts";
import { placePositions } from "./topic_offsets.ts";
import type { TopicWatch } from "./topic_watch.ts";

/** Time that a new leader or a restarted broker is given, ms. */
const RETRY_MS = 200;

/** What a fetch loop works with. */
export interface FetchLoopOptions {
  readonly topic: string;
  /** Answers that may be held at a time: see `BrokerFetchers`. */
  readonly framesMax: number;
  readonly watch: TopicWatch;
  readonly cluster: FetchCluster;
  readonly sockets: FrameSockets;
  readonly queue: EventQueue;
  readonly health: Pick<SourceHealth, "fetch" | "cannotRead" | "reads">;
  /**
   * What is done when records that were read, or were about to be, are no more.
   * A throw ends the reading.
   */
  readonly losses: LossListener;
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
  readonly #fetchers: BrokerFetchers;
  readonly #loss = new Signal();
  readonly #stopping = new AbortController();
  #isMetadataStale = false;
  #isCheckDue = false;

  constructor(options: FetchLoopOptions) {
    this.#options = options;
    const { topic: name, watch, queue } = options;
    this.#fetchers = new BrokerFetchers({
      ...options,
      table: this.#table,
      order: queue.order,
      topic: () => ({ name, id: watch.id }),
      onAnswer: (answer, asked) => this.#takeAnswer(answer, asked),
      onTrouble: (error, asked) => this.#lose(asked, error),
    });
  }

  /** The owned partitions. */
  get table(): PartitionTable {
    return this.#table;
  }

  /** Reads these partitions from here on, and takes no answers for others. */
  assign(positions: readonly PartitionPosition[]): void {
    this.#table.assign(positions);
    if (positions.length === 0) this.#options.health.reads();
    this.#loss.set();
  }

  /** Looks soon whether the topic is still what it was. */
  checkTopic(): void {
    this.#isCheckDue = true;
    this.#loss.set();
  }

  /** Reads a partition from here on; a no-op when it is not owned any more. */
  begin(partition: number, from: FirstPosition): void {
    // What is under way for one that has begun is dropped with its position.
    const position = this.#table.find(partition);
    // One that came back meanwhile begins with the event that tells of it.
    if (!position?.isAnnounced) return;
    if (position.hasBegun) {
      const table = this.#table;
      table.renew(position).begin(from);
      this.#options.queue.dropUnless((each) => table.has(each));
    } else position.begin(from);
    this.#loss.set();
  }

  /** To be called when other partitions are preferred than before. */
  wake(): void {
    this.#fetchers.wake();
  }

  /** To be called when something was asked of the queue. */
  pulled(): void {
    // Else the frames tell that there is room.
    if (this.#options.queue.order.isSet) this.wake();
  }

  /** Sends nothing any more; `run` returns. */
  stop(): void {
    this.#stopping.abort();
    this.#fetchers.stop();
    this.#loss.set();
  }

  /** Runs until `stop`. Never rejects: see `onFailure`. */
  async run(): Promise<void> {
    while (!this.#isStopped) {
      await this.#loss.wait();
      while (!this.#isStopped && this.#hasWork) {
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

  get #hasWork(): boolean {
    return this.#isCheckDue || this.#lost().length > 0;
  }

  #lost(): PartitionPosition[] {
    return this.#table.all.filter((each) => each.hasBegun && each.isLost);
  }

  async #recover(): Promise<void> {
    const { cluster, topic, losses } = this.#options;
    if (this.#isMetadataStale) await this.#pause();
    if (this.#isMetadataStale || this.#isCheckDue) await this.#refresh();
    const lost = this.#lost();
    const known = cluster.findTopicPartitionMetadata(topic);
    for (const position of lost) {
      const { partition } = position;
      const found = known.find((each) => each.partitionId === partition);
      position.leader = found?.leader ?? -1;
    }
    const led = lost.filter(({ leader }) => leader >= 0);
    if (led.length < lost.length) this.#isMetadataStale = true;
    await placePositions(led, {
      cluster,
      topic,
      losses,
      // Another assignment may come meanwhile.
      isOwned: (position) => this.#table.has(position),
    });
    for (const position of led) {
      if (!this.#table.has(position)) continue;
      position.isLost = false;
      this.#finishIfAtEnd(position);
    }
    this.#wakeFetchers(led);
  }

  async #refresh(): Promise<void> {
    const { cluster, topic, watch, losses } = this.#options;
    const isNew = await watch.refresh();
    this.#isMetadataStale = false;
    this.#isCheckDue = false;
    const known = cluster.findTopicPartitionMetadata(topic);
    const partitions = known.map(({ partitionId }) => partitionId);
    if (isNew) losses.onNewTopic(watch.id, partitions);
    losses.onPartitions(partitions.length);
  }

  /** What it begins at may be the end of a bounded run, or past it. */
  #finishIfAtEnd(position: PartitionPosition): void {
    if (position.finish()) this.#options.queue.pushFinished(position);
  }

  #wakeFetchers(positions: readonly PartitionPosition[]): void {
    for (const { leader } of positions) {
      if (!this.#isStopped) this.#fetchers.start(leader);
    }
    this.#fetchers.wake();
  }

  #takeAnswer(
    { frame, version }: FetchedFrame,
    asked: readonly PartitionPosition[],
  ): void {
    const { topic, queue } = this.#options;
    const answer = readFetchResponse(frame.bytes, version);
    if (answer.errorCode !== 0) throw createErrorFromCode(answer.errorCode);
    for (const part of answer.partitions) {
      const position = asked.find((p) => p.partition === part.partition);
      // What was asked for before a rebalance may be another member's now.
      if (position === undefined || !this.#table.has(position)) continue;
      if (part.errorCode !== 0) this.#takeError(position, part.errorCode);
      else if (part.cutOffset !== null) {
        this.#options.losses.onCut(position, part.cutOffset);
        this.#loss.set();
      } else {
        takeRecords(position, part, { topic, frame, queue });
        if (part.end > part.start) this.#table.moveToEnd(position);
      }
    }
    if (this.#lost().length === 0) this.#options.health.reads();
  }

  #takeError(position: PartitionPosition, errorCode: number): void {
    if (!isOutOfRange(errorCode)) {
      this.#lose([position], fetchError(errorCode));
      return;
    }
    // Another topic of that name would be another matter: that is seen first.
    this.#isCheckDue = true;
    position.isOutOfRange = true;
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
    this.#options.health.cannotRead(error);
    for (const position of positions) position.isLost = true;
    this.#isMetadataStale = true;
    this.#loss.set();
  }

  async #pause(): Promise<void> {
    const { signal } = this.#stopping;
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}
