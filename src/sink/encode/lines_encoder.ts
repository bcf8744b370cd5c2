import type { FiredSession } from "../../window/window_store.ts";
import type { SessionChunk } from "../../wire/messages.ts";
import type {
  EncodedCounts,
  OversizedSession,
  SessionEncoder,
} from "./session_encoder.ts";
import { metadataJson } from "./session_metadata.ts";

const INITIAL_BYTES = 64 * 1024;
/** A buffer that one huge session has grown past this is not kept. */
const KEPT_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Encodes sessions as JSON lines, for files, stdout and replays. */
export class LinesEncoder implements SessionEncoder {
  readonly #withMetadata: boolean;
  readonly #withOrder: boolean;
  #bytes: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #length = 0;
  #count = 0;
  #counts = { sessions: 0, newVisits: 0 };

  constructor(options: {
    readonly withMetadata: boolean;
    readonly withOrder: boolean;
  }) {
    this.#withMetadata = options.withMetadata;
    this.#withOrder = options.withOrder;
  }

  get byteLength(): number {
    return this.#length;
  }

  /** The store asks after each session. */
  allow(): void {}

  add(value: Buffer, valueLength: number, session: FiredSession): void {
    // The metadata is a last member: it takes the place of the closing brace.
    const ending = this.#withMetadata
      ? `, "metadata": ${metadataJson(session)}}`
      : "";
    const kept = this.#withMetadata ? valueLength - 1 : valueLength;
    const order = this.#withOrder ? orderPrefix(session) : "";
    this.#reserve(order.length + kept + ending.length + 1);
    if (order !== "") this.#length += this.#bytes.write(order, this.#length);
    value.copy(this.#bytes, this.#length, 0, kept);
    let end = this.#length + kept;
    if (ending !== "") end += this.#bytes.write(ending, end, "latin1");
    this.#bytes[end] = NEWLINE;
    this.#length = end + 1;
    this.#count++;
    this.#counts.sessions++;
    this.#counts.newVisits += session.newVisits;
  }

  take(): readonly SessionChunk[] {
    if (this.#count === 0) return [];
    const bytes = this.#bytes.subarray(0, this.#length);
    const chunk = { partition: 0, count: this.#count, bytes };
    this.#length = 0;
    this.#count = 0;
    if (this.#bytes.length > KEPT_BYTES) {
      this.#bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    }
    return [chunk];
  }

  takeCounts(): EncodedCounts {
    const counts = this.#counts;
    this.#counts = { sessions: 0, newVisits: 0 };
    return counts;
  }

  /** A line has no limit. */
  takeOversized(): readonly OversizedSession[] {
    return [];
  }

  #reserve(byteLength: number): void {
    const needed = this.#length + byteLength;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(
      Math.max(needed, this.#bytes.length * 2),
    );
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** Cause, window end and canonical key, by which a replay orders its output. */
function orderPrefix(session: FiredSession): string {
  const { key, keyStart, keyLength, causeOffset, endMs } = session;
  const canonical = key.toString("latin1", keyStart, keyStart + keyLength);
  return `${causeOffset}\t${endMs}\t${canonical}\t`;
}
