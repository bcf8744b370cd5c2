import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { KafkaEncoder } from "../../src/sink/encode/kafka_encoder.ts";
import type {
  EncodedCounts,
  EncoderOptions,
  OversizedSession,
  SessionEncoder,
} from "../../src/sink/encode/session_encoder.ts";
import {
  CLOSE_REASONS,
  type FiredSession,
} from "../../src/window/window_store.ts";
import type { SessionChunk } from "../../src/wire/messages.ts";

const ID_BYTES = 16;
/** Bytes behind a text that the kernel may read with its last ones. */
const SLACK_BYTES = 16;

/**
 * The encoder of a kernel that takes sessions from anywhere: it lends them to
 * the kernel, as if they had fired there.
 */
export class LendingEncoder implements SessionEncoder {
  readonly #kernel = new WindowKernel();
  readonly #encoder: KafkaEncoder;

  constructor(options: Extract<EncoderOptions, { format: "kafka" }>) {
    this.#encoder = new KafkaEncoder(options, this.#kernel);
  }

  get byteLength(): number {
    return this.#encoder.byteLength;
  }

  allow(byteLength: number): void {
    this.#encoder.allow(byteLength);
  }

  add(value: Buffer, valueLength: number, session: FiredSession): void {
    this.#lend(value.subarray(0, valueLength), session);
    const isAppended = this.#kernel.calls.appendFired() === 1;
    this.#kernel.renew();
    if (!isAppended) this.#encoder.add(value, valueLength, session);
  }

  take(): readonly SessionChunk[] {
    return this.#encoder.take();
  }

  takeCounts(): EncodedCounts {
    return this.#encoder.takeCounts();
  }

  takeOversized(): readonly OversizedSession[] {
    return this.#encoder.takeOversized();
  }

  /** Makes a session the one that the kernel has fired last. */
  #lend(value: Buffer, session: FiredSession): void {
    const { keyStart, keyLength, supersedes } = session;
    const ids = supersedes === "" ? [] : supersedes.split(",");
    const keyAt = ids.length * ID_BYTES;
    const valueAt = keyAt + keyLength + SLACK_BYTES;
    const room = this.#room(valueAt + value.length + SLACK_BYTES);
    const { bytes, fired } = this.#kernel;
    ids.forEach((id, index) => {
      const [partition, offset] = id.split("-").map(Number);
      bytes.writeDoubleLE(partition!, room + ID_BYTES * index);
      bytes.writeDoubleLE(offset!, room + ID_BYTES * index + 8);
    });
    session.key.copy(bytes, room + keyAt, keyStart, keyStart + keyLength);
    value.copy(bytes, room + valueAt);
    // In the order of `FIRED` in src/kernel/text/fired.ts.
    fired.set([
      room + valueAt,
      value.length,
      room + keyAt,
      keyLength,
      session.keyHash,
      session.idPartition,
      session.idOffset,
      session.revision,
      session.final ? 1 : 0,
      session.endMs,
      session.visits,
      session.newVisits,
      ids.length,
      room,
      CLOSE_REASONS.indexOf(session.closeReason),
    ]);
  }

  #room(byteLength: number): number {
    const room = this.#kernel.calls.spillRoom(byteLength) >>> 0;
    this.#kernel.renew();
    return room;
  }
}
