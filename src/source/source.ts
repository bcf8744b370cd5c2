import type { RecordBatch } from "../record/record_batch.ts";

/** What a source tells, in the order in which it happened. */
export type SourceEvent =
  /** The whole set of partitions owned from here on; older ones are revoked. */
  | {
      readonly kind: "assigned";
      readonly partitions: readonly number[];
      /** Partitions read again from their start: what was held of them goes. */
      readonly restarted: readonly number[];
    }
  | { readonly kind: "records"; readonly batch: RecordBatch }
  /** A bounded run has reached the captured end of the partition. */
  | { readonly kind: "finished"; readonly partition: number };

/** A stream of raw records, one or more partitions, bounded or not. */
export interface Source {
  /** Topic or path, as late and dead-letter records name their origin. */
  readonly topic: string;
  /** Number of partitions that the input has; known after `open`. */
  readonly partitionCount: number;
  /** Connects and checks. Throws a `WorldError` when the world is not ready. */
  open(): Promise<void>;
  /**
   * The events, pulled by the pipeline: not pulling is the backpressure, and
   * no visit is read before. Ends when every partition of a bounded input is
   * finished, or after `stop`.
   */
  events(): AsyncIterable<SourceEvent>;
  /** True when the next event comes at once, or nearly so. */
  readonly isReady: boolean;
  /** True when nothing that exists now is still unread in the partition. */
  isCaughtUp(partition: number): boolean;
  /** Stops fetching; `events` ends soon after. */
  stop(): void;
  /** Leaves the group and closes connections. */
  close(): Promise<void>;
}
