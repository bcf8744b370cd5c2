import { WorldError } from "../errors.ts";
import { countText } from "../observe/number_text.ts";
import { readRecordCount } from "../record/batch_header_reader.ts";
import { SequenceNumbers } from "./outgoing_batch.ts";
import { PartitionQueue, type Trouble } from "./partition_queue.ts";
import type { OutputTopic } from "./topics.ts";

/** A complete record batch, without a producer's stamp. */
export interface PartitionBatch {
  readonly partition: number;
  readonly bytes: Uint8Array;
}

/** A topic to write to, as `prepareOutputTopic` found it. */
export interface TopicWriterOptions extends OutputTopic {
  readonly topic: string;
  /** What its records are, in the plural: "sessions". */
  readonly things: string;
  /** What helps when the topic was made anew, or has lost what was written. */
  readonly whenAnew?: string;
  /** Partitions that are added later are used, or told of; else neither. */
  readonly added?: "used" | "told";
}

/** One topic's part of a sender: what waits for it, and whether it failed. */
export class TopicWriter {
  readonly topic: string;
  things: string;
  /** The topic's id as it was first seen; null until then, or below Kafka 2.8. */
  id: string | null = null;
  /** How often in a row it was looked at, and was not there. */
  missedChecks = 0;
  waitingRecords = 0;
  waitingBytes = 0;
  /** What helps when the topic was made anew, or has lost what was written. */
  readonly whenAnew: string | null;
  readonly #added: TopicWriterOptions["added"];
  /** The most partitions that the topic was seen to have. */
  #partitionsSeen: number;
  readonly #queues: PartitionQueue[] = [];
  readonly #sequences = new SequenceNumbers();
  readonly #maxRecordBytes: number;
  readonly #onWork: () => void;
  #failure: Error | null = null;
  readonly #failed = Promise.withResolvers<Error>();
  /** True when somebody has got the failure. */
  #isFailureTold = false;
  #whenEmpty = Promise.withResolvers<void>();

  /** `onWork` is called when there is something to send. */
  constructor(options: TopicWriterOptions, onWork: () => void) {
    this.topic = options.topic;
    this.things = options.things;
    this.whenAnew = options.whenAnew ?? null;
    this.#added = options.added;
    this.#partitionsSeen = options.partitionCount;
    this.#maxRecordBytes = options.maxRecordBytes;
    this.#onWork = onWork;
    this.#grow(options.partitionCount);
    this.#whenEmpty.resolve();
  }

  /** One for each partition that is written to. */
  get queues(): readonly PartitionQueue[] {
    return this.#queues;
  }

  /** The topic has so many partitions: news of those that were added, if any. */
  see(partitionCount: number): string | null {
    if (partitionCount <= this.#partitionsSeen) return null;
    this.#partitionsSeen = partitionCount;
    const has = `Topic "${this.topic}" has ${partitionCount} partitions now`;
    if (this.#added === "used") {
      this.#grow(partitionCount);
      return `${has}, and ${this.things} go to all of them`;
    }
    if (this.#added === undefined) return null;
    return `${has}: ${this.things} go to the first ${this.#queues.length} until this process starts again`;
  }

  /**
   * Writes batches in call order; resolves when all are acknowledged. Rejects,
   * once and for all, with a `WorldError` when the topic does not take them.
   * The bytes must stay as they are until then.
   */
  async write(batches: readonly PartitionBatch[]): Promise<void> {
    await this.writeParts([batches])[0];
  }

  /** The same for several lists of batches at once: a promise for each. */
  writeParts(
    parts: readonly (readonly PartitionBatch[])[],
  ): readonly Promise<void>[] {
    if (this.#failure !== null) {
      this.#isFailureTold = true;
      const failure = this.#failure;
      return parts.map(() => Promise.reject(failure));
    }
    const writes = parts.map((batches) => this.#push(batches));
    if (!this.isEmpty) this.#onWork();
    return writes;
  }

  /**
   * Resolves when all is acknowledged, or has failed. Rejects with a failure
   * that no write has been told.
   */
  async drained(): Promise<void> {
    await this.#whenEmpty.promise;
    if (!this.#isFailureTold) this.assertWorks();
  }

  /** Throws the failure. */
  assertWorks(): void {
    if (this.#failure === null) return;
    this.#isFailureTold = true;
    throw this.#failure;
  }

  /** Resolves with the failure, also of a topic to which nothing is written. */
  get failed(): Promise<Error> {
    return this.#failed.promise;
  }

  /** Throws the failure, or when something is not acknowledged. */
  assertDrained(): void {
    this.assertWorks();
    if (this.isEmpty) return;
    throw new Error(
      `Cannot commit: ${this.waitingText} wait for topic "${this.topic}"`,
    );
  }

  get isEmpty(): boolean {
    return this.waitingRecords === 0;
  }

  /** It is not there; a broker that has just begun does not know of topics yet. */
  get isMissing(): boolean {
    return this.missedChecks > 1;
  }

  get hasFailed(): boolean {
    return this.#failure !== null;
  }

  /** `1,204 sessions of 1,234,567 bytes`. */
  get waitingText(): string {
    const { waitingRecords, waitingBytes, things } = this;
    return `${countText(waitingRecords)} ${things} of ${countText(waitingBytes)} bytes`;
  }

  /** The longest trouble of its partitions. */
  get trouble(): Trouble | null {
    let longest: Trouble | null = null;
    for (const { trouble } of this.queues) {
      if (trouble === null) continue;
      if (longest === null || trouble.sinceMs < longest.sinceMs) {
        longest = trouble;
      }
    }
    return longest;
  }

  /**
   * The first batch of this partition is in the topic, from `baseOffset` on (-1
   * when the broker does not say). Throws when the log is not the one that was
   * written to before.
   */
  acknowledge(queue: PartitionQueue, baseOffset: number): void {
    const { partition, endOffset } = queue;
    const { count } = queue.head();
    this.missedChecks = 0;
    if (baseOffset >= 0) {
      queue.endOffset = baseOffset + count;
      if (baseOffset < endOffset) {
        const advice = this.whenAnew === null ? "" : `; ${this.whenAnew}`;
        throw new WorldError(
          `partition ${partition} went on at offset ${baseOffset}, although it ` +
            `had been written up to ${endOffset}: what was written is gone, with ` +
            `the topic that had this name or in an unclean leader election${advice}`,
        );
      }
    }
    this.waitingRecords -= count;
    this.waitingBytes -= queue.acknowledge();
    if (this.isEmpty) this.#whenEmpty.resolve();
  }

  /** Nothing is written any more: whoever waits gets the error. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#failed.resolve(this.#failure);
    this.#isFailureTold = !this.isEmpty;
    this.waitingRecords = 0;
    this.waitingBytes = 0;
    for (const queue of this.queues) queue.fail(error);
    this.#whenEmpty.resolve();
  }

  #push(batches: readonly PartitionBatch[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const write = { batchesLeft: batches.length, resolve, reject };
    if (batches.length === 0) resolve();
    else if (this.isEmpty) this.#whenEmpty = Promise.withResolvers();
    for (const { partition, bytes } of batches) {
      const { buffer, byteOffset, byteLength } = bytes;
      const batch = Buffer.from(buffer, byteOffset, byteLength);
      this.#queueOf(partition).push(batch, write);
      this.waitingRecords += readRecordCount(batch, 0);
      this.waitingBytes += byteLength;
    }
    return promise;
  }

  #grow(partitionCount: number): void {
    const sequences = this.#sequences;
    const maxRecordBytes = this.#maxRecordBytes;
    for (let at = this.#queues.length; at < partitionCount; at++) {
      const options = { partition: at, maxRecordBytes, sequences };
      this.#queues.push(new PartitionQueue(options));
    }
  }

  #queueOf(partition: number): PartitionQueue {
    const queue = this.queues[partition];
    if (queue) return queue;
    throw new RangeError(
      `Cannot write to partition ${partition}: topic "${this.topic}" has ` +
        `${this.queues.length} partitions`,
    );
  }
}
