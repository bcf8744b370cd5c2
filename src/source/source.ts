import type { GroupSeat } from "../kafka/group_seat.ts";
import type { Chunk } from "../record/chunk.ts";

/** What a source tells, in the order in which it happened. */
export type SourceEvent =
  /** The whole set of partitions owned from here on; older ones are revoked. */
  | {
      readonly kind: "assigned";
      readonly partitions: readonly number[];
      /** Those not owned before: what was held of them goes, and each waits for `begin`. */
      readonly restarted: readonly number[];
      /**
       * Id of the topic that they are of from here on, as Kafka prints it; null
       * where there is none. All partitions restart with another one.
       */
      readonly topicId: string | null;
      /** Who commits for these partitions; null outside a group. */
      readonly seat: GroupSeat | null;
      /**
       * Those of the restarted ones whose log was cut: nothing that was
       * committed of them counts any more, they are read from their start.
       */
      readonly voided?: readonly number[];
    }
  /** Who takes the chunk releases it. */
  | { readonly kind: "records"; readonly chunk: Chunk }
  /**
   * The input so far is over, and another one takes its place: its sessions are
   * emitted before the next event is asked for, which restarts all partitions.
   */
  | { readonly kind: "flush" }
  /** A bounded run has reached the captured end of the partition. */
  | { readonly kind: "finished"; readonly partition: number };

/** How far a source has come in one owned partition. */
export interface PartitionProgress {
  readonly partition: number;
  /** Offset of the next record that the pipeline gets; null when not known. */
  readonly position: number | null;
  /** Where the records that can be read end now; null when not known. */
  readonly endOffset: number | null;
  /** Records between the two; null when one of them is not known. */
  readonly lag: number | null;
  /** True when nothing that exists now is still unread. */
  readonly isCaughtUp: boolean;
}

/** How much of an input that ends is read. */
export interface InputExtent {
  /** Bytes of a file, records of a topic or generator. */
  readonly done: number;
  /** At least 1. */
  readonly total: number;
}

/** A partition that is read in turn, and how much of it in this turn. */
export interface WantedPartition {
  readonly partition: number;
  /** Records that are wanted of it, about; Infinity for as many as there are. */
  readonly records: number;
}

/** Where reading of a partition begins: at an offset, or at the first there is. */
export type StartOffset = number | "earliest";

/** A stream of raw records, one or more partitions, bounded or not. */
export interface Source {
  /** Topic or path, as late and dead-letter records name their origin. */
  readonly topic: string;
  /** Number of partitions that the input has; known after `open`. */
  readonly partitionCount: number;
  /** Connects and checks. Throws a `WorldError` when the world is not ready. */
  open(): Promise<void>;
  /**
   * Joins its group, if it has one: to be called when all else is open, since the
   * others in the group deal anew then. Throws a `WorldError`.
   */
  join?(): Promise<void>;
  /**
   * The events, pulled by the pipeline: not pulling is the backpressure, and
   * no visit is read before. Ends when every partition of a bounded input is
   * finished, or after `stop`.
   */
  events(): AsyncIterable<SourceEvent>;
  /** Records that were deleted before they were read: no visits of this run. */
  readonly goneRecords: number;
  /** True when the next event comes at once, or nearly so. */
  readonly isReady: boolean;
  /**
   * Reads a restarted partition from this offset on, and nothing before this is
   * called. To be called before the next event is asked for, or later. An owned
   * one that has begun already is read anew: what is still to come of it is gone.
   */
  begin(partition: number, from: StartOffset): void;
  /**
   * From here on partitions are read in turn: what comes of the first of these
   * alone is told, the next ones are read ahead. Sources of one partition need
   * not be told.
   */
  prefer?(wanted: readonly WantedPartition[]): void;
  /**
   * Awaits this before it takes part in a rebalance, for half a minute at most:
   * until then its seat, and what is committed under it, counts. Sources without
   * a group have no such moment.
   */
  onRejoin?(hook: () => Promise<void>): void;
  /** How far each owned partition is read. */
  partitions(): readonly PartitionProgress[];
  /**
   * True length of a record's value, bytes, where only its start came; null for
   * others. To be asked once. Sources that cut nothing have no answer.
   */
  lengthOf?(partition: number, offset: number): number | null;
  /** How much of all is read; null or left out where no end is known. */
  extent?(): InputExtent | null;
  /** Stops fetching; `events` ends soon after. */
  stop(): void;
  /** Leaves the group and closes connections. */
  close(): Promise<void>;
}
