import type { LogRecord } from "./log_record.ts";

/** What is known of an open session by its records in the log. */
export interface OpenSession {
  readonly keyHash: number;
  /** Where in the log its last put is. */
  putAt: number;
  /** Bytes of its records from there on. */
  byteLength: number;
}

/**
 * The sessions that the records of one partition's log leave open. Each record
 * is looked at: what cannot follow what came before is said in a sentence.
 */
export class OpenSessions {
  /** Where the log begins; 0 when nothing of it was ever deleted. */
  readonly #start: number;
  /** By the offset in their id: its partition is the log's. */
  readonly #open = new Map<number, OpenSession>();
  readonly #gone = new Set<number>();
  /** Sessions that grew without a put in the log, and where. */
  readonly #unopened = new Map<number, number>();
  byteLength = 0;

  constructor(start: number) {
    this.#start = start;
  }

  get count(): number {
    return this.#open.size;
  }

  /** The open sessions, by the offset in their id. */
  entries(): Iterable<readonly [offset: number, session: OpenSession]> {
    return this.#open;
  }

  /** Takes the next record, at an offset of the log; null when it is in order. */
  take(
    record: LogRecord,
    { at, byteLength }: { readonly at: number; readonly byteLength: number },
  ): string | null {
    const session = this.#open.get(record.offset);
    if (session !== undefined && session.keyHash !== record.keyHash) {
      return `a ${record.kind} has the hash ${record.keyHash}, its session has ${session.keyHash}`;
    }
    if (record.kind === "put") return this.#put(record, { at, byteLength });
    if (session === undefined) return this.#takeUnopened(record, at);
    this.byteLength +=
      record.kind === "gone" ? -session.byteLength : byteLength;
    session.byteLength += byteLength;
    if (record.kind === "gone") {
      this.#open.delete(record.offset);
      this.#gone.add(record.offset);
    }
    return null;
  }

  /** Sessions that have grown to the end and were never put, with their offsets. */
  unopened(): Iterable<readonly [offset: number, at: number]> {
    return this.#unopened;
  }

  #put(
    { offset, keyHash }: LogRecord,
    { at, byteLength }: { readonly at: number; readonly byteLength: number },
  ): string | null {
    const before = this.#open.get(offset);
    this.byteLength += byteLength - (before?.byteLength ?? 0);
    this.#open.set(offset, { keyHash, putAt: at, byteLength });
    this.#unopened.delete(offset);
    return this.#gone.has(offset)
      ? "a put is of a session that was gone before"
      : null;
  }

  /**
   * Its put may have been deleted, as nobody needs it who has all from the log's
   * beginning: then the session ends, or is put anew.
   */
  #takeUnopened({ kind, offset }: LogRecord, at: number): string | null {
    if (this.#gone.has(offset)) {
      return `a ${kind} is of a session that was gone before`;
    }
    if (kind === "gone") {
      this.#unopened.delete(offset);
      this.#gone.add(offset);
    } else if (this.#start > 0 && !this.#unopened.has(offset)) {
      this.#unopened.set(offset, at);
    }
    return this.#start > 0
      ? null
      : `a ${kind} is of a session that no put has opened`;
  }
}
