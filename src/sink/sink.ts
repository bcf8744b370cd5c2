import type { SessionChunk } from "../wire/messages.ts";

/** Takes fired sessions. */
export interface SessionSink {
  /** Connects and checks. Throws a `WorldError` when the world is not ready. */
  open(): Promise<void>;
  /** All is open, and the run begins: what is to be overwritten goes only now. */
  begin?(): void;
  /**
   * Writes chunks in call order; resolves when they are acknowledged. Rejects
   * once and for all when they cannot be.
   */
  write(chunks: readonly SessionChunk[]): Promise<void>;
  /** Resolves when what was written survives the host; where that can be had. */
  flush?(): Promise<void>;
  /** Waits for all writes, then closes. */
  close(): Promise<void>;
}

/** A visit or record that did not become part of a session. */
export interface SideRecord {
  /** `late`, or the reason of the rejection. */
  readonly reason: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** True length of a value of which only the start is here, bytes. */
  readonly valueBytes?: number;
  /** What else is known, for a session that its topic did not take. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Takes late visits or rejected records, each as it came in. */
export interface SideSink {
  open(): Promise<void>;
  /** As that of `SessionSink`. */
  begin?(): void;
  /**
   * Writes in call order; resolves when acknowledged. Goes through the records
   * before it returns, and copies what it keeps.
   */
  write(records: Iterable<SideRecord>): Promise<void>;
  /** As that of `SessionSink`. */
  flush?(): Promise<void>;
  close(): Promise<void>;
}
