import type { CloseReason } from "../kernel/host/session_names.ts";
import type { VisitColumns } from "../kernel/host/visit_columns.ts";
import type { LookAnswer, LookMessage } from "./session_look.ts";

export {
  CLOSE_REASONS,
  type CloseReason,
} from "../kernel/host/session_names.ts";

/** One firing, beside its JSON value. The store owns one and reuses it. */
export interface FiredSession {
  /** Canonical (`json.dumps`) bytes of the `visit_id`. */
  key: Buffer;
  keyStart: number;
  keyLength: number;
  keyHash: number;
  /** Partition and offset of the visit that opened the session: its id. */
  idPartition: number;
  idOffset: number;
  revision: number;
  final: boolean;
  closeReason: CloseReason;
  /** Fired ids swallowed by merges, by start, comma-joined; "" for none. */
  supersedes: string;
  /** Id of the topic that its visits are of, as Kafka prints it; "" for none. */
  sourceTopicId: string;
  /** End of the window, ms. */
  endMs: number;
  /** Number of visits in the session. */
  visits: number;
  /** Those of them that no earlier firing held. */
  newVisits: number;
  /** Offset of the visit that caused the firing; -1 for a watermark. */
  causeOffset: number;
}

/** How many sessions were put out. */
export interface FiringCounts {
  /** In the order of `CLOSE_REASONS`. */
  readonly byReason: readonly number[];
  /** Those of them that had been put out before. */
  readonly revisions: number;
}

/** What a store hands out while it works. */
export interface StoreOutput {
  /** True when no more should be put out now: the store stops soon after. */
  readonly isFull: boolean;
  /** `generation_time` of every session put out now, ASCII. */
  readonly generationTime: string;
  /** Takes `value[0, valueLength)`, the JSON of the session; copies it. */
  emit(value: Buffer, valueLength: number, session: FiredSession): void;
  /** Takes the visit at `index` of the columns as late. */
  late(index: number): void;
  /** Takes the visit at `index` as rejected, for the reason of `code`. */
  reject(index: number, code: number): void;
}

/** By `event_time` as text, or by the instant that it stands for. */
export type PageOrder = "text" | "time";

/** Flink's session window parameters, and what is said of one session. */
export interface WindowParameters {
  readonly gapMs: number;
  readonly allowedLatenessMs: number;
  /** `SESSION_BYTES_MAX`, which it cannot exceed, when left out. */
  readonly sessionBytesMax?: number;
  /** `REFIRE_BYTES_MAX` when left out. */
  readonly refireBytesMax?: number;
  /** What orders the pages of a session; `text` when left out. */
  readonly pageOrder?: PageOrder;
}

/**
 * The session windows of one shard: no I/O, no clock, no timers. The rules are
 * those of DESIGN section 3. The watermark is -Infinity before the first one.
 */
export interface WindowStore {
  readonly watermarkMs: number;
  readonly openSessions: number;
  /** Visits in windows that are not gone yet. */
  readonly openVisits: number;
  /** Visits in open windows that were never part of a firing. */
  readonly unfiredVisits: number;
  /** Open sessions with visits of more than one partition. */
  readonly openMixedSessions: number;
  /** All sessions that ever had some. */
  readonly mixedSessions: number;
  /** Bytes of memory that the store holds. */
  readonly bytesHeld: number;
  /**
   * Applies the visits from index `from` on, skipping rejected ones. Returns
   * the index of the first one not applied: `visits.count`, or less when the
   * output got full.
   */
  applyVisits(visits: VisitColumns, from: number, out: StoreOutput): number;
  /**
   * Moves the watermark, fires what is due in the order in which it became so
   * (by window end, unless a session was held back), forgets what is gone. False when the output got full first, or after some ms of
   * work without output: call again with the same watermark (no visits may be
   * applied in between).
   */
  advanceTo(watermarkMs: number, out: StoreOutput): boolean;
  /**
   * Forgets the windows whose id is of one of these partitions, and takes the
   * watermark back to `watermarkMs`: a new assignment begins.
   */
  reassign(dropped: ReadonlySet<number>, watermarkMs: number): void;
  /** What was put out since the last call. */
  takeFirings(): FiringCounts;
  /** Says what sessions there are, at any time; changes nothing of them. */
  look(message: LookMessage): LookAnswer;
  /**
   * Sets the id of the topic that all visits are of from here on, "" for none.
   * One for the whole store will do: a topic that was made anew is told of when
   * no window of the old one is left, for all were emitted or dropped.
   */
  setSourceTopic(id: string): void;
}
