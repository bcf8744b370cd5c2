import { setTimeout as sleep } from "node:timers/promises";
import { WALL_CLOCK } from "../../clock.ts";
import type { KafkaConfig } from "../../config/config.ts";
import { AnswerWatch } from "../../kafka/answer_watch.ts";
import { connectInTime, createKafka, isErrorType } from "../../kafka/client.ts";
import { CODES } from "../../kafka/error_codes.ts";
import { brokerOutage, type Outage } from "../../kafka/outage.ts";
import { PartStory } from "../../kafka/part_story.ts";
import {
  createErrorFromCode,
  createFetchCluster,
  type FetchCluster,
  type PartitionMetadata,
} from "../../kafka/private/fetch_seam.ts";
import type { Chunk } from "../../record/chunk.ts";
import { EventQueue } from "./event_queue.ts";
import { FetchLoop } from "./fetch_loop.ts";
import { answerPool } from "./fetch_request.ts";
import { FrameSockets } from "./frame_sockets.ts";
import { isFatal, readFailure } from "./kafka_trouble.ts";
import { lossesOf, lostLog, NOT_THERE } from "./log_losses.ts";
import { LogProgress } from "./log_progress.ts";
import type { SourceLog } from "./partition_assignments.ts";
import { PartitionPosition } from "./partition_position.ts";
import { TopicWatch } from "./topic_watch.ts";

/** Attempts of kafkajs before the loops here take over with theirs. */
const RETRIES = 5;
/** Time between two attempts to reach the brokers, ms. */
const CONNECT_AGAIN_MS = 500;
/** Attempts in which brokers that have just started may not know the topic. */
const MISSING_MAX = 10;
const TICK_MS = 500;

/** What to read a log with. */
export interface LogReaderOptions {
  readonly kafka: KafkaConfig;
  readonly topic: string;
  /** Answers of brokers that may be held at a time. */
  readonly framesMax: number;
  /** Hears how far it is when that takes long, and of troubles. */
  readonly log: SourceLog;
  /** The story of the brokers, if others tell it too. */
  readonly outage?: Outage;
  /** Ends the reading, which rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** Part of one partition of a log: the records of `[from, end)`. */
export interface LogRange {
  readonly partition: number;
  readonly from: number;
  readonly end: number;
}

/**
 * Reads exactly the committed records of the ranges, several partitions at a
 * time, each in its order. `take` releases the chunk; no other one is handed over
 * before it has resolved. A range that ends behind an open transaction waits for
 * its end, and brokers that are away are waited for. Throws a `WorldError` when
 * the log does not have a range any more.
 */
export async function readLog(
  options: LogReaderOptions,
  ranges: readonly LogRange[],
  take: (chunk: Chunk) => Promise<void>,
): Promise<void> {
  const wanted = ranges.filter(({ from, end }) => from < end);
  if (wanted.length === 0) return;
  const reading = new LogReading(options, wanted);
  try {
    await reading.read(take);
  } finally {
    await reading.close();
  }
}

/** One reading of a log, from connecting to its last chunk. */
class LogReading {
  readonly #options: LogReaderOptions;
  readonly #positions: readonly PartitionPosition[];
  readonly #progress: LogProgress;
  readonly #queue = new EventQueue();
  readonly #sockets: FrameSockets;
  readonly #story: PartStory;
  readonly #fetches: AnswerWatch;
  readonly #endTicks: () => void;
  readonly #onAbort = () => this.#queue.wake();
  #cluster: FetchCluster | null = null;
  #loop: FetchLoop | null = null;
  #failure: unknown = null;

  constructor(options: LogReaderOptions, ranges: readonly LogRange[]) {
    this.#options = options;
    const { kafka, topic, framesMax, signal } = options;
    const clock = WALL_CLOCK;
    const warn = (text: string) => options.log.warn(text);
    const brokers =
      options.outage ?? brokerOutage(kafka.brokers, { clock, warn });
    this.#story = new PartStory({
      ...{ brokers, clock, warn, part: "log" },
      what: `Cannot read topic "${topic}" now`,
      again: `Topic "${topic}" is read again`,
    });
    this.#fetches = new AnswerWatch({ brokers, clock, part: "log fetches" });
    this.#sockets = new FrameSockets(answerPool(framesMax));
    this.#positions = ranges.map(({ partition, from, end }) => {
      const position = new PartitionPosition(partition, end);
      position.begin(from);
      return position;
    });
    this.#progress = new LogProgress(this.#positions, topic);
    this.#endTicks = clock.every(TICK_MS, () => this.#tick(clock.nowMs()));
    signal?.addEventListener("abort", this.#onAbort);
  }

  async read(take: (chunk: Chunk) => Promise<void>): Promise<void> {
    const loop = await this.#open();
    this.#loop = loop;
    loop.assign(this.#positions);
    loop.run();
    for (let left = this.#positions.length; left > 0; ) {
      this.#check();
      const entry = this.#queue.shift();
      if (entry === undefined) {
        await this.#queue.arrival();
        continue;
      }
      if (entry.event.kind === "records") await take(entry.event.chunk);
      if (entry.event.kind === "finished") left--;
      this.#queue.passed(entry);
    }
  }

  async close(): Promise<void> {
    this.#endTicks();
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#loop?.stop();
    this.#queue.clear();
    await this.#cluster?.disconnect().catch(() => {});
    this.#sockets.close();
    this.#fetches.close();
    this.#story.leave();
  }

  #check(): void {
    this.#options.signal?.throwIfAborted();
    if (this.#failure === null) return;
    throw readFailure(this.#options.topic, this.#failure);
  }

  /** Connects, as often as it takes. */
  async #open(): Promise<FetchLoop> {
    const { topic } = this.#options;
    for (let missing = 0; ; ) {
      this.#check();
      try {
        return await this.#connect();
      } catch (error) {
        if (isFatal(error)) throw readFailure(topic, error);
        if (isErrorType(error, "UNKNOWN_TOPIC_OR_PARTITION")) missing++;
        if (missing === MISSING_MAX) throw lostLog(topic, NOT_THERE);
        this.#story.trouble(error);
      }
      await this.#cluster?.disconnect().catch(() => {});
      await sleep(CONNECT_AGAIN_MS);
    }
  }

  async #connect(): Promise<FetchLoop> {
    const { kafka, topic, framesMax } = this.#options;
    const socketFactory = this.#sockets.create;
    const client = createKafka(kafka, { retries: RETRIES, socketFactory });
    const cluster = createFetchCluster(client);
    this.#cluster = cluster;
    await connectInTime(cluster);
    await cluster.addTargetTopic(topic);
    const watch = new TopicWatch(cluster, topic);
    await watch.refresh();
    this.#checkPartitions(cluster.findTopicPartitionMetadata(topic));
    this.#story.well();
    return new FetchLoop({
      ...{ topic, framesMax, cluster, watch },
      sockets: this.#sockets,
      queue: this.#queue,
      health: {
        fetch: () => this.#fetches.request(),
        cannotRead: (error) => this.#story.trouble(error),
        reads: () => this.#story.well(),
      },
      losses: lossesOf(topic),
      onFailure: (error) => this.#fail(error),
    });
  }

  #checkPartitions(known: readonly PartitionMetadata[]): void {
    const numbers = new Set(known.map(({ partitionId }) => partitionId));
    if (this.#positions.every(({ partition }) => numbers.has(partition)))
      return;
    throw createErrorFromCode(CODES.unknownTopic);
  }

  #tick(nowMs: number): void {
    try {
      const text = this.#progress.at(nowMs);
      if (text !== null) this.#options.log.info(text);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#queue.wake();
  }
}
