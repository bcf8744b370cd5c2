import { HeaderSection } from "../kafka/header_section.ts";
import { murmur2, partitionOf } from "../kafka/partitioner.ts";
import {
  RecordBatchWriter,
  type RecordParts,
} from "../kafka/record_batch_writer.ts";
import { decodeCanonical } from "../window/canonical_json.ts";
import type { FiredSession } from "../window/window_store.ts";
import type {
  EncoderOptions,
  OversizedSession,
  SessionEncoder,
} from "./session_encoder.ts";
import {
  METADATA_NAMES,
  metadataOf,
  metadataValue,
} from "./session_metadata.ts";
import type { SessionChunk } from "./sink.ts";

/** Bytes of its value that an oversized session keeps. */
const SHORTENED_VALUE_BYTES = 4096;
const BACKSLASH = 0x5c;
const NO_BYTES = Buffer.alloc(0);

/**
 * Encodes sessions as Kafka record batches, one writer for each partition of
 * the output topic: key = `visit_id`, headers = the session's metadata.
 */
export class KafkaEncoder implements SessionEncoder {
  readonly #writers: readonly RecordBatchWriter[];
  readonly #headers = new HeaderSection();
  /** The headers behind the id, and the session that they were made for. */
  readonly #tail = new HeaderSection();
  #tailOf: Pick<
    FiredSession,
    "revision" | "final" | "closeReason" | "supersedes"
  > = { revision: -1, final: false, closeReason: "gap", supersedes: "" };
  readonly #parts: RecordParts = {
    key: NO_BYTES,
    keyStart: 0,
    keyLength: 0,
    value: NO_BYTES,
    valueStart: 0,
    valueLength: 0,
    headers: NO_BYTES,
    headersLength: 0,
  };
  #oversized: OversizedSession[] = [];

  constructor(options: Extract<EncoderOptions, { format: "kafka" }>) {
    const { partitionCount, maxRecordBytes } = options;
    this.#writers = Array.from(
      { length: partitionCount },
      () => new RecordBatchWriter(maxRecordBytes),
    );
  }

  get byteLength(): number {
    let sum = 0;
    for (const writer of this.#writers) sum += writer.byteLength;
    return sum;
  }

  add(value: Buffer, valueLength: number, session: FiredSession): void {
    const parts = this.#parts;
    this.#setKey(session);
    parts.value = value;
    parts.valueLength = valueLength;
    this.#setHeaders(session);
    const hash = murmur2(parts.key, parts.keyStart, parts.keyLength);
    const partition = partitionOf(hash, this.#writers.length);
    if (this.#writers[partition]!.add(parts)) return;
    this.#oversized.push({
      key: copyOf(parts.key, parts.keyStart, parts.keyLength),
      metadata: metadataOf(session),
      shortenedValue: copyOf(
        value,
        0,
        Math.min(valueLength, SHORTENED_VALUE_BYTES),
      ),
      byteLength: valueLength,
    });
  }

  take(): readonly SessionChunk[] {
    // So that nothing holds on to the memory that the last session came from.
    this.#parts.key = NO_BYTES;
    this.#parts.value = NO_BYTES;
    return this.#writers.flatMap((writer, partition) =>
      writer.take().map(({ bytes, count }) => ({ partition, count, bytes })),
    );
  }

  takeOversized(): readonly OversizedSession[] {
    const oversized = this.#oversized;
    if (oversized.length > 0) this.#oversized = [];
    return oversized;
  }

  /** The record's key is the `visit_id` itself, not its form in JSON. */
  #setKey({ key, keyStart, keyLength }: FiredSession): void {
    const parts = this.#parts;
    if (holdsEscape(key, keyStart, keyLength)) {
      // A lone surrogate becomes U+FFFD.
      parts.key = Buffer.from(decodeCanonical(key, keyStart, keyLength));
      parts.keyStart = 0;
      parts.keyLength = parts.key.length;
    } else {
      parts.key = key;
      parts.keyStart = keyStart;
      parts.keyLength = keyLength;
    }
  }

  #setHeaders(session: FiredSession): void {
    const headers = this.#headers;
    headers.clear();
    headers.addPair("session-id", session.idPartition, session.idOffset);
    if (!this.#isSameTail(session)) this.#setTail(session);
    headers.addAll(this.#tail);
    this.#parts.headers = headers.bytes;
    this.#parts.headersLength = headers.byteLength;
  }

  /** Whether all but the id is as in the session before, as it mostly is. */
  #isSameTail(session: FiredSession): boolean {
    const last = this.#tailOf;
    return (
      session.revision === last.revision &&
      session.final === last.final &&
      session.closeReason === last.closeReason &&
      session.supersedes === last.supersedes
    );
  }

  #setTail(session: FiredSession): void {
    const { revision, final, closeReason, supersedes } = session;
    this.#tailOf = { revision, final, closeReason, supersedes };
    this.#tail.clear();
    for (const name of METADATA_NAMES) {
      const value = name === "session-id" ? "" : metadataValue(session, name);
      if (value !== "") this.#tail.add(name, value);
    }
  }
}

function holdsEscape(bytes: Buffer, start: number, length: number): boolean {
  const end = start + length;
  for (let at = start; at < end; at++) {
    if (bytes[at] === BACKSLASH) return true;
  }
  return false;
}

function copyOf(bytes: Buffer, start: number, length: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, start + length));
}
