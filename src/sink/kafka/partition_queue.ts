import { BatchMerger } from "../../record/batch_merger.ts";

/** A write that is acknowledged when its last batch is. */
export interface PendingWrite {
  batchesLeft: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What the queue gives out to be sent as one batch. */
export interface QueueHead {
  readonly bytes: Buffer;
  /** The writes that have a part in it. */
  readonly writes: readonly PendingWrite[];
}

/** Record batches that wait for their turn, of one partition. */
export class PartitionQueue {
  readonly #merger: BatchMerger;
  #batches: Buffer[] = [];
  #writes: PendingWrite[] = [];

  /** `maxRecordBytes` is the topic's `max.message.bytes`. */
  constructor(maxRecordBytes: number) {
    this.#merger = new BatchMerger(maxRecordBytes);
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  /** Appends a batch, which stays as it is until its write is resolved. */
  push(bytes: Buffer, write: PendingWrite): void {
    this.#batches.push(bytes);
    this.#writes.push(write);
  }

  /**
   * Takes the first batch, or the first few in one when they are small: a
   * produce request takes one batch a partition. Its bytes are valid until the
   * next call.
   */
  shift(): QueueHead {
    const count = this.#merger.mergeableCount(this.#batches);
    const batches = this.#batches.splice(0, count);
    const writes = this.#writes.splice(0, count);
    return { bytes: this.#merger.merge(batches), writes };
  }

  /** Empties the queue; returns the writes that were waiting. */
  clear(): readonly PendingWrite[] {
    const writes = this.#writes;
    this.#batches = [];
    this.#writes = [];
    return writes;
  }
}
