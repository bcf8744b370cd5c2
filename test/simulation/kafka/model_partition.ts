import {
  readInt64,
  readLastOffset,
  readRecordCount,
} from "../../../src/record/batch_header_reader.ts";
import { KafkaError } from "./kafka_error.ts";

/** What stands in the log: a record batch, or the marker of a transaction. */
export interface LogEntry {
  readonly baseOffset: number;
  /** Offset behind its last record. */
  readonly endOffset: number;
  /** The batch as a broker gives it out; null for a marker. */
  readonly bytes: Buffer | null;
  readonly producerId: number;
  /** What became of its transaction; null where it has none. */
  outcome: "open" | "committed" | "aborted" | null;
}

/** A producer's part in a transaction, or its batch. */
export interface Producer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** What a partition's leader knows of a producer. */
interface ProducerState {
  epoch: number;
  nextSequence: number;
  /** Where its open transaction begins; null when there is none. */
  openFrom: number | null;
  recent: { readonly sequence: number; readonly baseOffset: number }[];
}

/** Batches of a producer that are known again, as in Kafka. */
const RECENT_BATCHES = 5;

/** One partition: its log, and what its leader knows of producers. */
export class ModelPartition {
  readonly entries: LogEntry[] = [];
  /** Records before this offset are deleted. */
  startOffset = 0;
  /** The high watermark. */
  endOffset = 0;
  readonly #producers = new Map<number, ProducerState>();

  /** Where the open transactions begin, else the end of the log. */
  get lastStableOffset(): number {
    let least = this.endOffset;
    for (const { openFrom } of this.#producers.values()) {
      if (openFrom !== null) least = Math.min(least, openFrom);
    }
    return least;
  }

  /** Appends a batch that belongs to no transaction; returns its first offset. */
  append(bytes: Buffer): number {
    return this.#append(bytes, -1, null);
  }

  /**
   * Appends a batch of a transaction, once: a repeated one has the offset that
   * it had. Where the producer has no open transaction here, `verify` asks the
   * coordinator for it, which throws.
   */
  appendTransactional(bytes: Buffer, verify: () => void): number {
    const producerId = readInt64(bytes, 43);
    const epoch = bytes.readInt16BE(51);
    const sequence = bytes.readInt32BE(53);
    const state = this.#producers.get(producerId);
    if (state !== undefined && epoch < state.epoch) {
      throw new KafkaError("INVALID_PRODUCER_EPOCH");
    }
    if (state === undefined || state.openFrom === null) verify();
    const known =
      state?.epoch === epoch &&
      state.recent.find((each) => each.sequence === sequence);
    if (known) return known.baseOffset;
    const expected = state?.epoch === epoch ? state.nextSequence : 0;
    if (sequence !== expected) {
      throw new KafkaError("OUT_OF_ORDER_SEQUENCE_NUMBER");
    }
    const baseOffset = this.#append(bytes, producerId, "open");
    const recent = state?.epoch === epoch ? state.recent : [];
    this.#producers.set(producerId, {
      epoch,
      nextSequence: sequence + readRecordCount(bytes, 0),
      openFrom: state?.openFrom ?? baseOffset,
      recent: [...recent, { sequence, baseOffset }].slice(-RECENT_BATCHES),
    });
    return baseOffset;
  }

  /** Writes the marker that ends a producer's transaction here. */
  endTransaction(producer: Producer, isCommit: boolean): void {
    const { producerId, producerEpoch } = producer;
    for (const entry of this.entries) {
      if (entry.producerId !== producerId || entry.outcome !== "open") continue;
      entry.outcome = isCommit ? "committed" : "aborted";
    }
    const state = this.#producers.get(producerId);
    const isNewEpoch = state?.epoch !== producerEpoch;
    this.#producers.set(producerId, {
      epoch: producerEpoch,
      nextSequence: isNewEpoch ? 0 : state.nextSequence,
      openFrom: null,
      recent: isNewEpoch ? [] : state.recent,
    });
    this.#push(null, { producerId, count: 1, outcome: null });
  }

  /**
   * Entries from an offset on, up to the last stable offset for those who read
   * what is committed (which then lacks what was aborted), else up to the end.
   */
  read(
    from: number,
    options: { readonly isCommitted: boolean; readonly entriesMax: number },
  ): readonly LogEntry[] {
    if (from < this.startOffset || from > this.endOffset) {
      throw new KafkaError("OFFSET_OUT_OF_RANGE");
    }
    const { isCommitted, entriesMax } = options;
    const end = isCommitted ? this.lastStableOffset : this.endOffset;
    const first = this.entries.findIndex(({ endOffset }) => endOffset > from);
    if (first < 0) return [];
    return this.entries
      .slice(first, first + entriesMax)
      .filter(({ endOffset }) => endOffset <= end);
  }

  /** Deletes what lies before the offset, also where it is not committed. */
  deleteRecords(offset: number): void {
    if (offset > this.endOffset) throw new KafkaError("OFFSET_OUT_OF_RANGE");
    this.startOffset = Math.max(this.startOffset, offset);
    const kept = this.entries.findIndex(
      ({ endOffset }) => endOffset > this.startOffset,
    );
    this.entries.splice(0, kept < 0 ? this.entries.length : kept);
  }

  #append(
    bytes: Buffer,
    producerId: number,
    outcome: LogEntry["outcome"],
  ): number {
    const copy = Buffer.from(bytes);
    copy.writeBigInt64BE(BigInt(this.endOffset), 0);
    const count = readLastOffset(copy, 0) - this.endOffset + 1;
    return this.#push(copy, { producerId, count, outcome });
  }

  #push(
    bytes: Buffer | null,
    entry: Pick<LogEntry, "producerId" | "outcome"> & {
      readonly count: number;
    },
  ): number {
    const { producerId, count, outcome } = entry;
    const baseOffset = this.endOffset;
    this.endOffset = baseOffset + count;
    const { endOffset } = this;
    this.entries.push({ baseOffset, endOffset, bytes, producerId, outcome });
    return baseOffset;
  }
}
