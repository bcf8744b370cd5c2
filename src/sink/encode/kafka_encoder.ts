import type { WindowKernel } from "../../kernel/host/window_kernel.ts";
import {
  batchByteLength,
  readRecordCount,
} from "../../record/batch_header_reader.ts";
import { writeBatchHeader } from "../../record/record_batch_header.ts";
import { decodeCanonical } from "../../window/canonical_json.ts";
import type { FiredSession } from "../../window/window_store.ts";
import type { SessionChunk } from "../../wire/messages.ts";
import {
  type EncodedCounts,
  type EncoderOptions,
  type OversizedSession,
  REPORT_BYTES_MAX,
  type SessionEncoder,
} from "./session_encoder.ts";
import { metadataOf } from "./session_metadata.ts";

/** Bytes of its value that an oversized session keeps. */
const SHORTENED_VALUE_BYTES = 4096;
/** The most that Kafka's own setting can say. */
const RECORD_BYTES_MAX = 2 ** 31 - 1;

/**
 * Sessions as Kafka record batches: key = `visit_id`, headers = the session's
 * metadata. The kernel writes each record where its session has fired
 * (`src/kernel/output`); here the batches get their headers.
 */
export class KafkaEncoder implements SessionEncoder {
  readonly #kernel: WindowKernel;
  readonly #partitionCount: number;
  #oversized: OversizedSession[] = [];
  #refused = { sessions: 0, newVisits: 0 };

  constructor(
    options: Extract<EncoderOptions, { format: "kafka" }>,
    kernel: WindowKernel,
  ) {
    const { partitionCount, maxRecordBytes } = options;
    this.#kernel = kernel;
    this.#partitionCount = partitionCount;
    const bytesMax = Math.min(maxRecordBytes, RECORD_BYTES_MAX);
    kernel.calls.createBatches(partitionCount, bytesMax);
    kernel.renew();
    this.allow(REPORT_BYTES_MAX);
  }

  get byteLength(): number {
    return this.#kernel.calls.batchedBytes() >>> 0;
  }

  allow(byteLength: number): void {
    this.#kernel.calls.limitBatches(this.byteLength + byteLength);
  }

  /** Takes a session whose record the kernel has found too large for the topic. */
  add(value: Buffer, valueLength: number, session: FiredSession): void {
    const { key, keyStart, keyLength, newVisits } = session;
    this.#refused.sessions++;
    this.#refused.newVisits += newVisits;
    const shortLength = Math.min(valueLength, SHORTENED_VALUE_BYTES);
    this.#oversized.push({
      // The `visit_id` itself, not its form in JSON.
      key: Buffer.from(decodeCanonical(key, keyStart, keyLength)),
      metadata: metadataOf(session),
      shortenedValue: new Uint8Array(value.subarray(0, shortLength)),
      byteLength: valueLength,
    });
  }

  take(): readonly SessionChunk[] {
    if (this.byteLength === 0) return [];
    const { calls } = this.#kernel;
    calls.takeBatches();
    const chunks: SessionChunk[] = [];
    for (let partition = 0; partition < this.#partitionCount; partition++) {
      const start = calls.batchesOf(partition) >>> 0;
      const end = start + calls.batchesLength(partition);
      for (let at = start; at < end; ) {
        const bytes = this.#batchAt(at);
        const count = readRecordCount(bytes, 0);
        writeBatchHeader(bytes, count);
        chunks.push({ partition, count, bytes });
        at += bytes.length;
      }
    }
    return chunks;
  }

  takeCounts(): EncodedCounts {
    const { calls } = this.#kernel;
    const { sessions, newVisits } = this.#refused;
    const counts = {
      sessions: sessions + calls.appendedSessions(),
      newVisits: newVisits + calls.appendedVisits(),
    };
    this.#refused = { sessions: 0, newVisits: 0 };
    calls.clearAppended();
    return counts;
  }

  takeOversized(): readonly OversizedSession[] {
    const oversized = this.#oversized;
    if (oversized.length > 0) this.#oversized = [];
    return oversized;
  }

  #batchAt(at: number): Buffer {
    const { bytes } = this.#kernel;
    return bytes.subarray(at, at + batchByteLength(bytes, at));
  }
}
