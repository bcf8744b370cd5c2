import type { FiredSession } from "../../window/window_store.ts";
import type { SessionChunk } from "../../wire/messages.ts";

/** Bytes after which a shard sends its report; less may wait for the next. */
export const REPORT_BYTES_MAX = 1 << 20;

/** How much was encoded. */
export interface EncodedCounts {
  /** Firings, those that were too large included. */
  readonly sessions: number;
  /** Visits in them that no earlier firing held. */
  readonly newVisits: number;
}

/** A session whose record is larger than the sink topic takes. */
export interface OversizedSession {
  readonly key: Uint8Array;
  /** Its headers, as `metadata` shows them. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Whole: another topic may take it. */
  readonly value: Uint8Array;
}

/** Turns fired sessions into bytes for the sink, inside the shard. */
export interface SessionEncoder {
  /** Bytes that wait for `take` and `takeOversized`. */
  readonly byteLength: number;
  /** The store is to stop when so many bytes more are encoded. */
  allow(byteLength: number): void;
  /** Encodes one firing; copies what it needs. */
  add(value: Buffer, valueLength: number, session: FiredSession): void;
  /** What was encoded; the bytes are valid until the next `add`. */
  take(): readonly SessionChunk[];
  /** How much was encoded since the last call. */
  takeCounts(): EncodedCounts;
  /** Sessions that did not fit the topic since the last call. */
  takeOversized(): readonly OversizedSession[];
}

/** How a shard encodes, plain data that crosses into the worker. */
export type EncoderOptions =
  | {
      readonly format: "lines";
      readonly withMetadata: boolean;
      /** Put what a replay orders by in front of each line. */
      readonly withOrder: boolean;
    }
  | {
      readonly format: "kafka";
      readonly partitionCount: number;
      /** Largest record that the topic takes, bytes. */
      readonly maxRecordBytes: number;
    };
