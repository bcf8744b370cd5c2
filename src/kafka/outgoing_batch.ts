import { readRecordCount } from "../record/batch_header_reader.ts";
import { stampBatch } from "../record/record_batch_header.ts";

/** The producer in whose name batches are sent, as the broker knows it. */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly transactional: boolean;
}

/** Sequence numbers are int32 and start again at 0 behind the largest. */
const SEQUENCE_MODULUS = 2 ** 31;

/** Next sequence number of each partition of one topic, for one producer. */
export class SequenceNumbers {
  readonly #next = new Map<number, number>();
  #producerId = -1n;
  #producerEpoch = -1;

  /**
   * Takes `count` numbers; returns the first. They begin at 0 for a producer
   * id or epoch that was not seen last.
   */
  take(producer: ProducerIdentity, partition: number, count: number): number {
    if (
      producer.producerId !== this.#producerId ||
      producer.producerEpoch !== this.#producerEpoch
    ) {
      this.#next.clear();
      this.#producerId = producer.producerId;
      this.#producerEpoch = producer.producerEpoch;
    }
    const first = this.#next.get(partition) ?? 0;
    this.#next.set(partition, (first + count) % SEQUENCE_MODULUS);
    return first;
  }
}

/** A complete record batch on its way to one partition. */
export class OutgoingBatch {
  readonly partition: number;
  readonly bytes: Buffer;
  /** Number of records. */
  readonly count: number;
  readonly #sequences: SequenceNumbers;
  #stampedFor: ProducerIdentity | null = null;

  constructor(
    bytes: Buffer,
    options: {
      readonly partition: number;
      readonly sequences: SequenceNumbers;
    },
  ) {
    this.bytes = bytes;
    this.partition = options.partition;
    this.count = readRecordCount(bytes, 0);
    this.#sequences = options.sequences;
  }

  /**
   * Stamps the header, once: whatever is sent again carries the sequence
   * numbers it had, so that the broker knows it for what it is.
   */
  stamp(producer: ProducerIdentity, timestampMs: number): void {
    if (
      this.#stampedFor?.producerId === producer.producerId &&
      this.#stampedFor.producerEpoch === producer.producerEpoch
    ) {
      return;
    }
    const { partition, count } = this;
    const baseSequence = this.#sequences.take(producer, partition, count);
    stampBatch(this.bytes, { ...producer, baseSequence, timestampMs });
    this.#stampedFor = producer;
  }
}
