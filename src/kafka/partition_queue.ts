import { BatchMerger } from "../record/batch_merger.ts";
import { OutgoingBatch, type SequenceNumbers } from "./outgoing_batch.ts";

/** A write that is acknowledged when its last batch is. */
export interface PendingWrite {
  batchesLeft: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Pauses before another attempt: the first, ms, doubles up to the longest. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** Why a partition does not take what waits for it. */
export interface Trouble {
  /** The first failure since the last batch that got through, ms. */
  readonly sinceMs: number;
  /** The latest failure. */
  error: unknown;
}

/**
 * Record batches that wait for their turn, of one partition. One is on its way
 * at a time and stays the first until it is acknowledged: so order is kept
 * through every retry.
 */
export class PartitionQueue {
  readonly partition: number;
  /** Node id of the leader, -1 while it is not known. */
  leader = -1;
  isInFlight = false;
  /** Not to be tried before, ms. */
  retryAtMs = 0;
  /** Offset behind the last batch that was acknowledged; 0 before the first. */
  endOffset = 0;
  trouble: Trouble | null = null;
  readonly #merger: BatchMerger;
  readonly #sequences: SequenceNumbers;
  #head: OutgoingBatch | null = null;
  #headWrites: readonly PendingWrite[] = [];
  /** Bytes of the head before they were merged. */
  #headBytes = 0;
  #batches: Buffer[] = [];
  #writes: PendingWrite[] = [];
  #pauseMs = FIRST_PAUSE_MS;

  constructor(options: {
    readonly partition: number;
    /** The topic's `max.message.bytes`. */
    readonly maxRecordBytes: number;
    readonly sequences: SequenceNumbers;
  }) {
    this.partition = options.partition;
    this.#merger = new BatchMerger(options.maxRecordBytes);
    this.#sequences = options.sequences;
  }

  /** True when nothing waits and nothing is on its way. */
  get isEmpty(): boolean {
    return this.#head === null && this.#batches.length === 0;
  }

  /** True when something is to be sent, and may be. */
  isDue(nowMs: number): boolean {
    return !this.isEmpty && !this.isInFlight && this.retryAtMs <= nowMs;
  }

  /** Appends a batch, which stays as it is until its write is resolved. */
  push(bytes: Buffer, write: PendingWrite): void {
    this.#batches.push(bytes);
    this.#writes.push(write);
  }

  /**
   * What is to be sent now: the batch that did not get through, else the first
   * one that waits, or the first few in one when they are small.
   */
  head(): OutgoingBatch {
    if (this.#head !== null) return this.#head;
    const count = this.#merger.mergeableCount(this.#batches);
    const batches = this.#batches.splice(0, count);
    this.#headBytes = 0;
    for (const { length } of batches) this.#headBytes += length;
    const bytes = this.#merger.merge(batches);
    this.#headWrites = this.#writes.splice(0, count);
    const { partition } = this;
    const sequences = this.#sequences;
    this.#head = new OutgoingBatch(bytes, { partition, sequences });
    return this.#head;
  }

  /** The head has got through; returns the bytes that waited for it. */
  acknowledge(): number {
    this.trouble = null;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#head = null;
    for (const write of this.#headWrites) {
      if (--write.batchesLeft === 0) write.resolve();
    }
    this.#headWrites = [];
    return this.#headBytes;
  }

  /** The head has to be sent again, after a pause, to the leader then. */
  postpone(error: unknown, nowMs: number): void {
    this.leader = -1;
    this.retryAtMs = nowMs + this.#pauseMs;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * this.#pauseMs);
    this.trouble ??= { sinceMs: nowMs, error };
    this.trouble.error = error;
  }

  /** Empties the queue; whoever waits for it gets the error. */
  fail(error: Error): void {
    for (const write of [...this.#headWrites, ...this.#writes]) {
      write.reject(error);
    }
    this.trouble = null;
    this.#head = null;
    this.#headWrites = [];
    this.#batches = [];
    this.#writes = [];
  }
}
