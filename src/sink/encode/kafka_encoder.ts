import type { WindowKernel } from "../../kernel/host/window_kernel.ts";
import { decodeCanonical } from "../../window/canonical_json.ts";
import { takeBatches } from "../../window/kernel_batches.ts";
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

/** The most that Kafka's own setting can say. */
const RECORD_BYTES_MAX = 2 ** 31 - 1;

/**
 * Sessions as Kafka record batches: key = `visit_id`, headers = the session's
 * metadata. The kernel writes each record where its session has fired
 * (`src/kernel/output`); here the batches get their headers.
 */
export class KafkaEncoder implements SessionEncoder {
  readonly #kernel: WindowKernel;
  #oversized: OversizedSession[] = [];
  #oversizedBytes = 0;
  #refused = { sessions: 0, newVisits: 0 };

  constructor(
    options: Extract<EncoderOptions, { format: "kafka" }>,
    kernel: WindowKernel,
  ) {
    const { partitionCount, maxRecordBytes } = options;
    this.#kernel = kernel;
    const bytesMax = Math.min(maxRecordBytes, RECORD_BYTES_MAX);
    kernel.calls.createBatches(this.#batches, partitionCount, bytesMax);
    kernel.renew();
    this.allow(REPORT_BYTES_MAX);
  }

  /** Which of the kernel's batches are of sessions. */
  get #batches(): number {
    return this.#kernel.calls.SESSION_BATCHES.value;
  }

  get byteLength(): number {
    return this.#batchedBytes + this.#oversizedBytes;
  }

  get #batchedBytes(): number {
    return this.#kernel.calls.batchedBytes(this.#batches) >>> 0;
  }

  allow(byteLength: number): void {
    const end = this.#batchedBytes + byteLength;
    this.#kernel.calls.limitBatches(this.#batches, end);
  }

  /** Takes a session whose record the kernel has found too large for the topic. */
  add(value: Buffer, valueLength: number, session: FiredSession): void {
    const { key, keyStart, keyLength, newVisits } = session;
    this.#refused.sessions++;
    this.#refused.newVisits += newVisits;
    this.#oversized.push({
      // The `visit_id` itself, not its form in JSON.
      key: Buffer.from(decodeCanonical(key, keyStart, keyLength)),
      metadata: metadataOf(session),
      value: new Uint8Array(value.subarray(0, valueLength)),
    });
    this.#oversizedBytes += valueLength;
  }

  take(): readonly SessionChunk[] {
    return takeBatches(this.#kernel, this.#batches);
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
    this.#oversizedBytes = 0;
    return oversized;
  }
}
