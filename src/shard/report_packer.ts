import { BufferPool } from "../wire/buffer_pool.ts";
import type { ReportMessage, SessionChunk } from "../wire/messages.ts";
import {
  type BatchColumns,
  encodeReport,
  type ReportFields,
} from "../wire/report_codec.ts";
import type { ShardOutput } from "./shard_output.ts";
import { SideRecords } from "./side_records.ts";

/** Size of the payloads for thin traffic, bytes. */
const THIN_BYTES = 128 * 1024;

/** What the shard itself says in a report. */
type ShardFields = Omit<
  ReportFields,
  "counters" | "chunks" | "sides" | "deltas" | "holdsOutput"
>;

const NO_CHUNKS = { partitions: [], counts: [], lengths: [] };
const NO_SIDES = new SideRecords();

/** Makes reports of a shard's output, in buffers that come back from main. */
export class ReportPacker {
  readonly #payloads: BufferPool;

  /**
   * A report holds some `reportBytes`. Of payloads that came back, so many bytes
   * are kept: some for thin traffic, and some for a stretch of work, mostly also
   * with what waited for it. Larger ones are made as needed.
   */
  constructor(reportBytes: number, keptBytes: number) {
    const fullBytes = Math.ceil((reportBytes * 7) / 4);
    const thinBytes = Math.min(THIN_BYTES, fullBytes);
    this.#payloads = new BufferPool([thinBytes, fullBytes], keptBytes);
  }

  /** Takes a report payload that main is done with. */
  reuse(payload: ArrayBuffer): void {
    this.#payloads.give(payload);
  }

  /** Packs the output and the counters, and clears both. */
  pack(out: ShardOutput, fields: ShardFields): ReportMessage {
    const sessions = out.encoder.take();
    out.collectEncoded();
    const { sides, counters } = out;
    // The last call to the kernel: the bytes of both are views of its memory.
    const changes = out.takeChanges();
    const chunks = columnsOf(sessions);
    const envelope = encodeReport({
      ...fields,
      ...{ counters, chunks, sides, holdsOutput: false },
      ...(changes.length === 0 ? {} : { deltas: columnsOf(changes) }),
    });
    const parts = sessions.map((chunk) => chunk.bytes);
    parts.push(sides.bytes.subarray(0, sides.byteLength));
    for (const { bytes } of changes) parts.push(bytes);
    const payload = this.#join(parts);
    sides.clear();
    out.clearCounters();
    const answers = out.takeAnswers();
    return { envelope, payload, answers };
  }

  /** Packs the counters alone: the output waits for the next report. */
  packCounters(out: ShardOutput, fields: ShardFields): ReportMessage {
    const { counters } = out;
    const envelope = encodeReport({
      ...fields,
      ...{ counters, chunks: NO_CHUNKS, sides: NO_SIDES, holdsOutput: true },
    });
    out.clearCounters();
    const answers = out.takeAnswers();
    return { envelope, payload: null, answers };
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

function columnsOf(batches: readonly SessionChunk[]): BatchColumns {
  return {
    partitions: batches.map(({ partition }) => partition),
    counts: batches.map(({ count }) => count),
    lengths: batches.map(({ bytes }) => bytes.length),
  };
}
