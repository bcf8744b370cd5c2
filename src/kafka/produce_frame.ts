import type { OutgoingBatch } from "./outgoing_batch.ts";

const PRODUCE_API_KEY = 0;
const ACKS_ALL = -1;

/** What a produce request (v3 to v7, all of one layout) says. */
export interface ProduceRequest {
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string;
  readonly transactionalId: string | null;
  /** How long the broker may wait for its replicas, ms. */
  readonly timeoutMs: number;
  readonly topics: readonly TopicBatches[];
}

/** One batch a partition at most, all of one topic. */
export interface TopicBatches {
  readonly topic: string;
  readonly batches: readonly OutgoingBatch[];
}

/**
 * The bytes of a produce request, in pieces that go to the socket one behind
 * the other: the batches are in it as they are, not copied.
 */
export function produceFrame(request: ProduceRequest): Buffer[] {
  const pieces = [encodeHead(request)];
  for (const { topic, batches } of request.topics) {
    pieces.push(Buffer.concat([nullableString(topic), int32(batches.length)]));
    for (const { partition, bytes } of batches) {
      const prefix = Buffer.allocUnsafe(8);
      prefix.writeInt32BE(partition, 0);
      prefix.writeInt32BE(bytes.length, 4);
      pieces.push(prefix, bytes);
    }
  }
  let byteLength = -4;
  for (const piece of pieces) byteLength += piece.length;
  pieces[0]!.writeInt32BE(byteLength, 0);
  return pieces;
}

function encodeHead(request: ProduceRequest): Buffer {
  return Buffer.concat([
    int32(0),
    int16(PRODUCE_API_KEY),
    int16(request.apiVersion),
    int32(request.correlationId),
    nullableString(request.clientId),
    nullableString(request.transactionalId),
    int16(ACKS_ALL),
    int32(request.timeoutMs),
    int32(request.topics.length),
  ]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function nullableString(text: string | null): Buffer {
  if (text === null) return int16(-1);
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([int16(bytes.length), bytes]);
}
