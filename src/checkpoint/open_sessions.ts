import type { LogRecord } from "./log_record.ts";

/** What is known of an open session by its records in the log. */
export interface OpenSession {
  readonly keyHash: number;
  /** Where in the log its last put begins. */
  putAt: number;
  /** Bytes of its records from there on. */
  byteLength: number;
  /** When it begins, ms of event time; null when its put does not say. */
  startMs: number | null;
}

/** Where a record is, and how long. */
export interface RecordPlace {
  readonly at: number;
  readonly byteLength: number;
}

/**
 * The sessions that the records of one partition's log leave open. Each record
 * is looked at: what cannot follow what came before is said in a sentence.
 */
export class OpenSessions {
  /** Puts may be missing: they were deleted, or do not count any more. */
  #isCut: boolean;
  /** By the offset in their id: its partition is the log's. */
  readonly #open = new Map<number, OpenSession>();
  readonly #gone = new Set<number>();
  /** Sessions that grew without a put in the log, and where. */
  readonly #unopened = new Map<number, number>();
  /** Bytes that are to come of messages that are in several records. */
  readonly #bytesBehind = new Map<number, number>();

  /** `start` is where the log begins; 0 when nothing of it was ever deleted. */
  constructor(start: number) {
    this.#isCut = start > 0;
  }

  /** None of those that the log had before. */
  static anew(): OpenSessions {
    return new OpenSessions(1);
  }

  /** The open sessions, by the offset in their id. */
  entries(): Iterable<readonly [offset: number, session: OpenSession]> {
    return this.#open;
  }

  /** Sessions that have grown to the end and were never put, and where. */
  unopened(): Iterable<readonly [offset: number, at: number]> {
    return this.#unopened;
  }

  /** Takes the next record; null when it is in order. */
  take(record: LogRecord, place: RecordPlace): string | null {
    const { kind, offset, keyHash, bytesBehind } = record;
    const session = this.#open.get(offset);
    if (session !== undefined && session.keyHash !== keyHash) {
      return `a ${kind} has the hash ${keyHash}, its session has ${session.keyHash}`;
    }
    const expected = this.#bytesBehind.get(offset);
    if (bytesBehind > 0) this.#bytesBehind.set(offset, bytesBehind);
    else this.#bytesBehind.delete(offset);
    if (expected !== undefined) return this.#takeMore(record, place, expected);
    if (kind === "put") return this.#put(record, place);
    if (session === undefined) return this.#takeUnopened(record, place.at);
    if (kind === "grow") {
      session.startMs = record.startMs ?? session.startMs;
      session.byteLength += place.byteLength;
      return null;
    }
    this.#open.delete(offset);
    this.#gone.add(offset);
    return null;
  }

  /** The commit ends here; null when all of its messages are whole. */
  endCommit(): string | null {
    const [part] = this.#bytesBehind;
    this.#bytesBehind.clear();
    if (part === undefined) return null;
    return `${part[1]} bytes are missing of the session that offset ${part[0]} opened`;
  }

  #put(
    { offset, keyHash, startMs }: LogRecord,
    place: RecordPlace,
  ): string | null {
    const { at, byteLength } = place;
    this.#open.set(offset, { keyHash, putAt: at, byteLength, startMs });
    this.#unopened.delete(offset);
    if (startMs === null) return "a put does not say when the session begins";
    return this.#gone.has(offset)
      ? "a put is of a session that was gone before"
      : null;
  }

  /** Another part of a message. */
  #takeMore(
    { kind, offset, messageBytes, bytesBehind }: LogRecord,
    { byteLength }: RecordPlace,
    expected: number,
  ): string | null {
    const session = this.#open.get(offset);
    if (session !== undefined) session.byteLength += byteLength;
    return messageBytes + bytesBehind === expected
      ? null
      : `a part of a ${kind} has ${messageBytes + bytesBehind} bytes to its end, expected ${expected}`;
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
    } else if (this.#isCut && !this.#unopened.has(offset)) {
      this.#unopened.set(offset, at);
    }
    return this.#isCut
      ? null
      : `a ${kind} is of a session that no put has opened`;
  }
}
