import { murmur2, partitionOf } from "../record/partitioner.ts";
import {
  type EncodedBatch,
  RecordBatchWriter,
  type RecordParts,
} from "../record/record_batch_writer.ts";
import type { TopicWriter } from "./topic_writer.ts";

/** Who waits for records. It is told when all of them are in the topic. */
export interface RecordOwner {
  /** Partitions with records of it that are not acknowledged; counted here. */
  partitionsLeft: number;
  /** Some of its records go on their way; told for each partition. */
  sent?(): void;
  acknowledged(): void;
  /** Some of its records may not get into the topic; may be told repeatedly. */
  failed(error: Error): void;
}

/** What is written, and how often. */
export interface KeyedWriterOptions {
  /** The topic's `max.message.bytes`. */
  readonly maxRecordBytes: number;
  /** Requests leave so far apart at least, ms: what comes meanwhile is gathered. */
  readonly lingerMs: number;
  /** Told when a batch is acknowledged, how long after it was sent, ms. */
  readonly onProduced?: (ms: number) => void;
  /** Told once, when nothing is written any more, after all owners. */
  readonly onFailure?: (error: Error) => void;
}

/** One partition: what is gathered for it, and what is on its way. */
class Place {
  readonly partition: number;
  filling: RecordBatchWriter;
  owners: RecordOwner[] = [];
  isOnItsWay = false;
  sentAtMs = 0;
  bytesOnItsWay = 0;
  ownersOnTheirWay: RecordOwner[] = [];
  #spare: RecordBatchWriter;

  constructor(partition: number, maxRecordBytes: number) {
    this.partition = partition;
    this.filling = new RecordBatchWriter(maxRecordBytes);
    this.#spare = new RecordBatchWriter(maxRecordBytes);
  }

  /** What is gathered goes on its way. */
  take(nowMs: number): readonly EncodedBatch[] {
    const { filling, owners } = this;
    this.sentAtMs = nowMs;
    this.isOnItsWay = true;
    this.bytesOnItsWay = filling.byteLength;
    this.ownersOnTheirWay = owners;
    this.filling = this.#spare;
    this.#spare = filling;
    this.owners = [];
    return filling.take();
  }
}

/**
 * Writes records to a topic, each to the partition of its key, in call order a
 * partition. While some of a partition are on their way, those that come for it
 * are gathered.
 */
export class KeyedWriter {
  readonly #writer: TopicWriter;
  readonly #places: Place[] = [];
  readonly #options: KeyedWriterOptions;
  #sentAtMs = -Infinity;
  #isScheduled = false;
  #waitingBytes = 0;
  #failure: Error | null = null;
  /** Resolved when something goes on its way, is acknowledged, or fails. */
  #turn = Promise.withResolvers<void>();

  constructor(writer: TopicWriter, options: KeyedWriterOptions) {
    this.#writer = writer;
    this.#options = options;
    this.#grow();
    void writer.failed.then((error) => this.#fail(error));
  }

  /** Bytes of records that are not acknowledged. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /**
   * Appends a record; false when it is larger than the topic takes. Throws when
   * the topic has failed.
   */
  add(parts: RecordParts, owner: RecordOwner | null = null): boolean {
    if (this.#failure !== null) throw this.#failure;
    if (this.#places.length < this.#writer.queues.length) this.#grow();
    const hash = murmur2(parts.key, parts.keyStart, parts.keyLength);
    const place = this.#places[partitionOf(hash, this.#places.length)]!;
    const { filling, owners } = place;
    const before = filling.byteLength;
    if (!filling.add(parts)) return false;
    this.#waitingBytes += filling.byteLength - before;
    if (owner !== null && owners.at(-1) !== owner) {
      owners.push(owner);
      owner.partitionsLeft++;
    }
    if (!place.isOnItsWay) this.#schedule();
    return true;
  }

  /** Waits until so little is gathered for each partition. Throws a failure. */
  async hasRoom(bytesMax: number): Promise<void> {
    await this.#until(() =>
      this.#places.every(({ filling }) => filling.byteLength <= bytesMax),
    );
  }

  /** Waits until all is acknowledged. Throws a failure. */
  async drained(): Promise<void> {
    await this.#until(() => this.#waitingBytes === 0);
  }

  /** A place for each partition that there is by now. */
  #grow(): void {
    const partitionCount = this.#writer.queues.length;
    const { maxRecordBytes } = this.#options;
    while (this.#places.length < partitionCount) {
      this.#places.push(new Place(this.#places.length, maxRecordBytes));
    }
  }

  async #until(condition: () => boolean): Promise<void> {
    while (this.#failure === null && !condition()) await this.#turn.promise;
    if (this.#failure !== null) throw this.#failure;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const pauseMs = this.#sentAtMs + this.#options.lingerMs - performance.now();
    if (pauseMs > 0) setTimeout(() => this.#send(), pauseMs);
    else setImmediate(() => this.#send());
  }

  #send(): void {
    this.#isScheduled = false;
    if (this.#failure !== null) return;
    this.#sentAtMs = performance.now();
    const places = this.#places.filter(
      ({ isOnItsWay, filling }) => !isOnItsWay && filling.byteLength > 0,
    );
    // In one call, so that one request has the batches of all partitions.
    const writes = this.#writer.writeParts(
      places.map((place) => {
        const { partition } = place;
        return place
          .take(this.#sentAtMs)
          .map(({ bytes }) => ({ partition, bytes }));
      }),
    );
    for (const [index, write] of writes.entries()) {
      const place = places[index]!;
      for (const owner of place.ownersOnTheirWay) owner.sent?.();
      write.then(
        () => this.#acknowledge(place),
        (error) => this.#fail(error),
      );
    }
    this.#nextTurn();
  }

  #acknowledge(place: Place): void {
    const { ownersOnTheirWay } = place;
    this.#options.onProduced?.(performance.now() - place.sentAtMs);
    this.#waitingBytes -= place.bytesOnItsWay;
    place.isOnItsWay = false;
    place.ownersOnTheirWay = [];
    if (place.filling.byteLength > 0) this.#schedule();
    for (const owner of ownersOnTheirWay) {
      if (--owner.partitionsLeft === 0) owner.acknowledged();
    }
    this.#nextTurn();
  }

  /** A topic that has failed stays so, for all partitions. */
  #fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#waitingBytes = 0;
    for (const { owners, ownersOnTheirWay } of this.#places) {
      for (const owner of [...ownersOnTheirWay, ...owners]) owner.failed(error);
    }
    this.#options.onFailure?.(error);
    this.#nextTurn();
  }

  #nextTurn(): void {
    this.#turn.resolve();
    this.#turn = Promise.withResolvers<void>();
  }
}
