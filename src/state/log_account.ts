import { type LogRecord, readLogRecord } from "../checkpoint/log_record.ts";
import {
  beginsAnew,
  decodeMark,
  isOfOtherTopic,
  MARK_BYTE,
  type Mark,
  otherOwner,
} from "../checkpoint/mark.ts";
import { OpenSessions, type RecordPlace } from "../checkpoint/open_sessions.ts";
import { messageOf } from "../errors.ts";
import { type Chunk, placeOf } from "../record/chunk.ts";
import { RecordWalker } from "../record/record_walker.ts";
import { shownBytes } from "../record/shown_bytes.ts";

/** So many sentences are kept; more are counted. */
const SENTENCES_MAX = 20;

/** Where the committed offset of a partition says that its log is. */
export interface CommittedLog {
  /** The committed offset of the input. */
  readonly offset: number;
  readonly from: number;
  readonly end: number;
  readonly by: string;
  readonly commit: number;
}

/** Which log is read, and where it begins. */
export interface LogPlace {
  readonly topic: string;
  readonly partition: number;
  /** The first offset that is there. */
  readonly start: number;
  /** Whose log it is; left out: that does not matter. */
  readonly owner?: { readonly topic: string; readonly group: string };
}

/**
 * Reads the window log of one partition, from where it begins to where the
 * committed offset says that it ends, and says what it holds and what in it
 * cannot be right.
 */
export class LogAccount {
  sessions: OpenSessions;
  /** What is wrong, the first of it in sentences. */
  readonly problems: string[] = [];
  problemCount = 0;
  /** The last mark; null before the first. */
  mark: Mark | null = null;
  records = 0;
  /** Bytes of the records from `from` on. */
  byteLength = 0;
  readonly #place: LogPlace;
  readonly committed: CommittedLog;
  readonly #walker = new RecordWalker();
  /** The commit of the puts behind the last mark; null when there are none. */
  #commit: number | null = null;
  /** The newest put of it, by the offset that opened its session; -1 for none. */
  #newestPut = -1;
  #markAt = -1;
  /** Records behind the last mark: the next one says what they follow. */
  #unmarked: { record: LogRecord; place: RecordPlace }[] = [];

  constructor(place: LogPlace, committed: CommittedLog) {
    this.#place = place;
    this.committed = committed;
    this.sessions = new OpenSessions(place.start);
  }

  /** Reads on, in the order of the log. */
  read(chunk: Chunk): void {
    const walker = this.#walker;
    walker.open(placeOf(chunk, this.#place.topic));
    while (walker.next()) {
      const { valueStart, valueLength } = walker.record;
      const end = valueStart + Math.max(0, valueLength);
      this.#take(walker.bytes.subarray(valueStart, end), walker.offset);
    }
  }

  /** The log is read: looks at what only its end shows. */
  finish(): void {
    const { from, end, offset, commit } = this.committed;
    const { start } = this.#place;
    this.#takeSessions();
    if (start > from) {
      this.#say(start, `the log begins here, and a restore begins at ${from}`);
    }
    if (this.#markAt !== end - 1 && end > from) {
      this.#say(end - 1, "expected the last mark of the committed log");
    }
    // A partition that another process takes over is committed once more, in
    // its name and without a mark; where it begins anew, without any before.
    if (commit === 0 && from === end) this.#beginAnew();
    if (this.mark !== null && this.#markAt === end - 1) {
      this.#compare("input offset", this.mark.offset, offset);
      this.#compare("commit", this.mark.commit, commit);
    }
    for (const [id, at] of this.sessions.unopened()) {
      this.#say(at, `a grow of session ${this.#id(id)} that no put has opened`);
    }
    for (const [id, { putAt }] of this.sessions.entries()) {
      if (putAt >= from) continue;
      const where = `session ${this.#id(id)} is open and was put`;
      this.#say(putAt, `${where} before ${from}, where a restore begins`);
    }
  }

  #take(value: Buffer, at: number): void {
    const byteLength = value.length;
    this.records++;
    if (at >= this.committed.from) this.byteLength += byteLength;
    if (value[0] === MARK_BYTE) {
      this.#takeMark(value, at);
      return;
    }
    const record = readLogRecord(value);
    if (record === null) {
      const what = shownBytes(value);
      this.#say(at, `${what}, expected a record of this version`);
      return;
    }
    const { partition, offset, commit } = record;
    if (partition !== this.#place.partition) {
      this.#say(at, `session ${partition}-${offset} is of another partition`);
      return;
    }
    const isAnother = commit !== null && commit !== this.#commit;
    if (isAnother && this.#commit !== null) {
      this.#say(at, `commit ${commit} begins, and ${this.#commit} has no mark`);
    }
    this.#commit = commit ?? this.#commit;
    if (record.kind === "put") {
      this.#newestPut = Math.max(this.#newestPut, offset);
    }
    this.#unmarked.push({ record, place: { at, byteLength } });
  }

  /** What the records behind the last mark do to the sessions before them. */
  #takeSessions(): void {
    for (const { record, place } of this.#unmarked) {
      const what = this.sessions.take(record, place);
      if (what === null) continue;
      this.#say(place.at, `session ${this.#id(record.offset)}: ${what}`);
    }
    this.#unmarked = [];
  }

  /** Nobody goes on with what the log has so far. */
  #beginAnew(): void {
    this.sessions = OpenSessions.anew();
    this.mark = null;
  }

  #takeMark(value: Buffer, at: number): void {
    const mark = this.#decode(value, at);
    if (mark === null) return;
    const { owner } = this.#place;
    const other = owner === undefined ? null : otherOwner(mark, owner);
    if (other !== null && at >= this.committed.from) {
      this.#say(at, `a mark of ${other}, and no run goes on in its log`);
    }
    if (this.#commit !== null && this.#commit !== mark.commit) {
      this.#say(at, `a mark of commit ${mark.commit} behind ${this.#commit}`);
    }
    if (this.mark !== null) this.#follow(this.mark, mark, at);
    this.#takeSessions();
    const missing = this.sessions.endCommit();
    if (missing !== null) this.#say(at, missing);
    if (this.#newestPut >= mark.offset) {
      const id = this.#id(this.#newestPut);
      this.#say(at, `session ${id} opens behind the offset ${mark.offset}`);
    }
    this.mark = mark;
    this.#markAt = at;
    this.#commit = null;
    this.#newestPut = -1;
  }

  /** Looks at how a mark follows the one before it. */
  #follow(before: Mark, mark: Mark, at: number): void {
    const isBeforeRestore = this.#markAt < this.committed.from;
    const isOfOther = isOfOtherTopic(mark, before.topicId);
    if (isBeforeRestore && beginsAnew(mark, before)) {
      this.#beginAnew();
      return;
    }
    if (isOfOther || mark.isAnew) {
      const what = isOfOther
        ? "of another topic"
        : "of windows that begin anew";
      this.#say(at, `a mark ${what}, where a restore goes on`);
      this.#beginAnew();
      return;
    }
    const goesBack = (what: string, from: number, to: number) => {
      this.#say(at, `the ${what} goes back from ${from} to ${to}`);
    };
    if (mark.commit <= before.commit) {
      goesBack("commit", before.commit, mark.commit);
    }
    if (mark.offset < before.offset) {
      goesBack("input offset", before.offset, mark.offset);
    }
    if (mark.clockMs < before.clockMs) {
      goesBack("clock", before.clockMs, mark.clockMs);
    }
  }

  #decode(value: Buffer, at: number): Mark | null {
    try {
      return decodeMark(value, "mark");
    } catch (error) {
      this.#say(at, messageOf(error).replace(/^Cannot read mark: /, ""));
      return null;
    }
  }

  #compare(what: string, marked: number | string, committed: number | string) {
    if (marked === committed) return;
    const at = this.committed.end - 1;
    this.#say(at, `the ${what} is ${marked}, and ${committed} is committed`);
  }

  #id(offset: number): string {
    return `${this.#place.partition}-${offset}`;
  }

  #say(at: number, what: string): void {
    this.problemCount++;
    if (this.problems.length >= SENTENCES_MAX) return;
    const { topic, partition } = this.#place;
    this.problems.push(`${topic}[${partition}] at ${at}: ${what}`);
  }
}
