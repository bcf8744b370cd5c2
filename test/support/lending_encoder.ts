import {
  FIRED_CLOSE_REASON,
  FIRED_END_MS,
  FIRED_FINAL,
  FIRED_ID_OFFSET,
  FIRED_ID_PARTITION,
  FIRED_KEY,
  FIRED_KEY_HASH,
  FIRED_KEY_LENGTH,
  FIRED_NEW_VISITS,
  FIRED_REVISION,
  FIRED_SWALLOWED,
  FIRED_SWALLOWED_IDS,
  FIRED_VALUE,
  FIRED_VALUE_LENGTH,
  FIRED_VISITS,
  LISTED_ID_BYTES,
  LISTED_ID_OFFSET,
} from "../../src/kernel/codes.ts";
import { CLOSE_REASONS } from "../../src/kernel/host/session_names.ts";
import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { KafkaEncoder } from "../../src/sink/encode/kafka_encoder.ts";
import type {
  EncodedCounts,
  EncoderOptions,
  OversizedSession,
  SessionEncoder,
} from "../../src/sink/encode/session_encoder.ts";
import type { FiredSession } from "../../src/window/window_store.ts";
import type { SessionChunk } from "../../src/wire/messages.ts";

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
    if (!this.#append()) this.#encoder.add(value, valueLength, session);
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

  /** Throws why the kernel gave up. */
  #append(): boolean {
    try {
      return this.#kernel.calls.appendFired() === 1;
    } catch (error) {
      throw this.#kernel.explain(error);
    } finally {
      this.#kernel.renew();
    }
  }

  /** Makes a session the one that the kernel has fired last. */
  #lend(value: Buffer, session: FiredSession): void {
    const { keyStart, keyLength, supersedes } = session;
    const ids = supersedes === "" ? [] : supersedes.split(",");
    const keyAt = ids.length * LISTED_ID_BYTES;
    const valueAt = keyAt + keyLength + SLACK_BYTES;
    const room = this.#room(valueAt + value.length + SLACK_BYTES);
    const { bytes, fired } = this.#kernel;
    ids.forEach((id, index) => {
      const [partition, offset] = id.split("-").map(Number);
      bytes.writeDoubleLE(partition!, room + LISTED_ID_BYTES * index);
      bytes.writeDoubleLE(
        offset!,
        room + LISTED_ID_BYTES * index + LISTED_ID_OFFSET,
      );
    });
    session.key.copy(bytes, room + keyAt, keyStart, keyStart + keyLength);
    value.copy(bytes, room + valueAt);
    fired[FIRED_VALUE] = room + valueAt;
    fired[FIRED_VALUE_LENGTH] = value.length;
    fired[FIRED_KEY] = room + keyAt;
    fired[FIRED_KEY_LENGTH] = keyLength;
    fired[FIRED_KEY_HASH] = session.keyHash;
    fired[FIRED_ID_PARTITION] = session.idPartition;
    fired[FIRED_ID_OFFSET] = session.idOffset;
    fired[FIRED_REVISION] = session.revision;
    fired[FIRED_FINAL] = session.final ? 1 : 0;
    fired[FIRED_END_MS] = session.endMs;
    fired[FIRED_VISITS] = session.visits;
    fired[FIRED_NEW_VISITS] = session.newVisits;
    fired[FIRED_SWALLOWED] = ids.length;
    fired[FIRED_SWALLOWED_IDS] = room;
    this.#kernel.setSourceTopic(session.sourceTopicId);
    fired[FIRED_CLOSE_REASON] = CLOSE_REASONS.indexOf(session.closeReason);
  }

  #room(byteLength: number): number {
    const room = this.#kernel.calls.spillRoom(byteLength) >>> 0;
    this.#kernel.renew();
    return room;
  }
}
