import type { ShardAnswer, ShardOrder } from "./orders.ts";

/** What main posts to a shard's thread; every buffer is transferred. */
export interface TaskMessage {
  /** A FlatBuffer with root `Task`. */
  readonly envelope: Uint8Array<ArrayBuffer>;
  /** The records as Kafka writes them; null for a task without records. */
  readonly payload: ArrayBuffer | null;
  /** What the shard is to do before it takes the records. */
  readonly orders: readonly ShardOrder[];
  /** Report payloads that main is done with, for the shard to use again. */
  readonly spares: readonly ArrayBuffer[];
}

/** What a shard's thread answers; every buffer is transferred. */
export interface ReportMessage {
  /** A FlatBuffer with root `Report`. */
  readonly envelope: Uint8Array<ArrayBuffer>;
  /** Encoded sessions and side records; null when there are none. */
  readonly payload: ArrayBuffer | null;
  /** What came of the orders of the tasks so far, each once. */
  readonly answers: readonly ShardAnswer[];
  /** Task payloads that the shard is done with, for main to use again. */
  readonly freed: readonly ArrayBuffer[];
}

/** A report as the shard's thread posts it. */
export interface PostedReport extends ReportMessage {
  /** CPU time of the thread so far, ms. */
  readonly threadCpuMs: number;
}

/** Encoded sessions of one report, as the shard's encoder made them. */
export interface SessionChunk {
  /** Partition of the output topic; 0 for files. */
  readonly partition: number;
  readonly count: number;
  /** JSON lines, or a Kafka record batch. Valid until `write` resolves. */
  readonly bytes: Uint8Array;
}

/** The buffers to transfer with a message. */
export function transferables(
  message: TaskMessage | ReportMessage,
): ArrayBuffer[] {
  const others = "spares" in message ? message.spares : message.freed;
  const list = [message.envelope.buffer, ...others];
  if (message.payload !== null) list.push(message.payload);
  return list;
}
