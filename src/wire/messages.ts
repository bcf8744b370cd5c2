import type { ChunkPlace } from "../record/chunk.ts";
import type { SharedChunk } from "../window/own_row_reader.ts";
import type { RowParts } from "../window/row_part.ts";
import type { ShardAnswer, ShardOrder } from "./orders.ts";

export type { ScanAnswer, ScanMessage } from "../window/chunk_scanner.ts";
export type { SharedChunk } from "../window/own_row_reader.ts";
export {
  packRowParts,
  type RowGroup,
  type RowPart,
  type RowParts,
  rowGroups,
} from "../window/row_part.ts";
export type {
  LookAnswer,
  LookMessage,
  WalkPlace,
} from "../window/session_look.ts";

/**
 * What main posts to a shard's thread. Its buffers are transferred, and the
 * memory that visits are in is shared: main leaves it alone until they are
 * applied.
 */
export interface TaskMessage {
  /** A FlatBuffer with root `Task`. */
  readonly envelope: Uint8Array<ArrayBuffer>;
  /** Records that the only shard scans itself; none where there are several. */
  readonly chunks: readonly ChunkPlace[];
  /** Visits that other threads have scanned for one of several shards. */
  readonly rows: RowParts;
  /** Small chunks that each of several shards scans itself; then no rows. */
  readonly shared: readonly SharedChunk[];
  /** What the shard is to do before it takes the records. */
  readonly orders: readonly ShardOrder[];
  /** Report payloads that main is done with, for the shard to use again. */
  readonly spares: readonly ArrayBuffer[];
}

/** What a shard's thread answers; every buffer is transferred. */
export interface ReportMessage {
  /** A FlatBuffer with root `Report`. */
  readonly envelope: Uint8Array<ArrayBuffer>;
  /** Encoded sessions, side records and deltas; null when there are none. */
  readonly payload: ArrayBuffer | null;
  /** What came of the orders of the tasks so far, each once. */
  readonly answers: readonly ShardAnswer[];
}

/** A report as the shard's thread posts it. */
export interface PostedReport extends ReportMessage {
  /** CPU time of the thread so far, ms. */
  readonly threadCpuMs: number;
}

/**
 * Encoded sessions of one report, as the shard's encoder made them, or what
 * changed in its windows.
 */
export interface SessionChunk {
  /** Partition of the output topic, or of the window log; 0 for files. */
  readonly partition: number;
  readonly count: number;
  /** JSON lines, or a Kafka record batch. Valid until `write` resolves. */
  readonly bytes: Uint8Array;
}

/** The buffers to transfer with a message. */
export function transferables(
  message: TaskMessage | ReportMessage,
): ArrayBuffer[] {
  if ("spares" in message) return [message.envelope.buffer, ...message.spares];
  const { envelope, payload } = message;
  return payload === null ? [envelope.buffer] : [envelope.buffer, payload];
}
