import type { SessionEncoder } from "../../src/sink/encode/session_encoder.ts";
import type { SessionChunk } from "../../src/wire/messages.ts";
import { firedSession } from "./fired_session.ts";
import type { KcatRecord } from "./kcat.ts";
import { LendingEncoder } from "./lending_encoder.ts";

/** Makes chunks of numbered sessions, as a shard would report them. */
export class SessionFeed {
  readonly encoder: SessionEncoder;
  readonly #keyCount: number;
  #made = 0;

  constructor(options: {
    readonly partitionCount: number;
    readonly maxRecordBytes: number;
    readonly keyCount: number;
  }) {
    this.encoder = new LendingEncoder({ format: "kafka", ...options });
    this.#keyCount = options.keyCount;
  }

  /** Sessions made so far. */
  get made(): number {
    return this.#made;
  }

  /** The chunks of the next `count` sessions, in buffers of their own. */
  next(count: number, valueByteLength = 0): SessionChunk[] {
    for (let i = 0; i < count; i++) {
      const number = this.#made++;
      const padding = "x".repeat(valueByteLength);
      const value = Buffer.from(`{"n": ${number}, "x": "${padding}"}`);
      const session = firedSession(`visit-${number % this.#keyCount}`, {
        idOffset: number,
      });
      this.encoder.add(value, value.length, session);
    }
    const chunks = this.encoder.take();
    return chunks.map((chunk) => ({
      ...chunk,
      bytes: Buffer.from(chunk.bytes),
    }));
  }
}

/** The numbers of the sessions of each key, in the order of the topic. */
export function numbersByKey(records: readonly KcatRecord[]) {
  const byKey = new Map<string, number[]>();
  for (const { key, value } of records) {
    const numbers = byKey.get(key) ?? [];
    numbers.push((JSON.parse(value) as { n: number }).n);
    byKey.set(key, numbers);
  }
  return byKey;
}

/** What `numbersByKey` gives when each session is there once and in order. */
export function expectedNumbers(count: number, keyCount: number) {
  const byKey = new Map<string, number[]>();
  for (let n = 0; n < count; n++) {
    const key = `visit-${n % keyCount}`;
    byKey.set(key, [...(byKey.get(key) ?? []), n]);
  }
  return byKey;
}
