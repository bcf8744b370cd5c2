import { BufferPool } from "../wire/buffer_pool.ts";
import type { ReportMessage } from "../wire/messages.ts";
import { encodeReport, type ReportFields } from "../wire/report_codec.ts";
import type { ShardOutput } from "./shard_output.ts";

/** Size of the payloads that are used again; larger ones are made as needed. */
const PAYLOAD_BYTES = 1_280 << 10;
const PAYLOADS_KEPT = 8;

/** Makes reports of a shard's output, in buffers that come back from main. */
export class ReportPacker {
  readonly #payloads = new BufferPool(PAYLOAD_BYTES, PAYLOADS_KEPT);
  #freed: ArrayBuffer[] = [];

  /** Takes a report payload that main is done with. */
  reuse(payload: ArrayBuffer): void {
    this.#payloads.give(payload);
  }

  /** Takes a task payload that the shard is done with. */
  free(payload: ArrayBuffer): void {
    this.#freed.push(payload);
  }

  /** Packs the output, and clears it. */
  pack(
    out: ShardOutput,
    fields: Omit<ReportFields, "counters" | "chunks" | "sides">,
  ): ReportMessage {
    const sessions = out.encoder.take();
    out.collectEncoded();
    const { sides, counters } = out;
    const chunks = {
      partitions: sessions.map((chunk) => chunk.partition),
      counts: sessions.map((chunk) => chunk.count),
      lengths: sessions.map((chunk) => chunk.bytes.length),
    };
    const envelope = encodeReport({ ...fields, counters, chunks, sides });
    const parts = sessions.map((chunk) => chunk.bytes);
    parts.push(sides.bytes.subarray(0, sides.byteLength));
    const payload = this.#join(parts);
    const freed = this.#freed;
    this.#freed = [];
    out.clear();
    return { envelope, payload, freed };
  }

  #join(parts: readonly Uint8Array[]): ArrayBuffer | null {
    const byteLength = parts.reduce((sum, part) => sum + part.length, 0);
    if (byteLength === 0) return null;
    const payload = this.#payloads.take(byteLength);
    const bytes = Buffer.from(payload);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return payload;
  }
}
