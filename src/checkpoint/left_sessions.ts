import { type Chunk, placeOf } from "../record/chunk.ts";
import { RecordWalker } from "../record/record_walker.ts";
import type { MarkCheck } from "./log_beginning.ts";
import { type LogRecord, readLogRecord } from "./log_record.ts";
import { beginsAnew, decodeMark, MARK_BYTE, type Mark } from "./mark.ts";
import { OpenSessions } from "./open_sessions.ts";

/** Counts the sessions that the whole window log of a partition leaves open. */
export class LeftSessions {
  readonly #topic: string;
  readonly #check: MarkCheck;
  readonly #walker = new RecordWalker();
  #sessions: OpenSessions;
  #last: Mark | null = null;
  /** What comes behind the last mark: the next one says what it follows. */
  #unmarked: { record: LogRecord; at: number }[] = [];

  /** The window log begins at `start`; `check` hears of all marks. */
  constructor(topic: string, start: number, check: MarkCheck = () => {}) {
    this.#topic = topic;
    this.#check = check;
    this.#sessions = new OpenSessions(start);
  }

  /** As many as are open by what was read. */
  get count(): number {
    return [...this.#sessions.entries()].length;
  }

  /**
   * Reads on, in the order of the log; what is no record of it is passed over.
   * Throws a `WorldError` for what is damaged, and what the check throws.
   */
  read(chunk: Chunk): void {
    const walker = this.#walker;
    walker.open(placeOf(chunk, this.#topic));
    while (walker.next()) {
      const { valueStart, valueLength } = walker.record;
      const end = valueStart + Math.max(0, valueLength);
      const value = walker.bytes.subarray(valueStart, end);
      if (value[0] === MARK_BYTE) {
        this.#takeMark(decodeMark(value, `the window log ${this.#topic}`));
        continue;
      }
      const record = readLogRecord(value);
      if (record !== null) this.#unmarked.push({ record, at: walker.offset });
    }
  }

  #takeMark(mark: Mark): void {
    this.#check(mark);
    const isAnew = this.#last !== null && beginsAnew(mark, this.#last);
    if (isAnew) this.#sessions = OpenSessions.anew();
    for (const { record, at } of this.#unmarked) {
      this.#sessions.take(record, { at, byteLength: 0 });
    }
    this.#unmarked = [];
    this.#sessions.endCommit();
    this.#last = mark;
  }
}
