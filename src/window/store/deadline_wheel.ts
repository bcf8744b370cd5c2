import { RowList } from "./row_list.ts";

/** Slots of a level: each level is as much coarser than the one below. */
const SLOTS = 64;

/** 64 ** 7 seconds are 139,000 years. */
const LEVELS = 7;

/** Deadlines that are asked for together. */
const ASKED = 32;

/** Seconds are counted from some time before year 1, so that none is negative. */
const ORIGIN_S = -63_000_000_000;

const LAST_S = SLOTS ** LEVELS - 1;

const MS_PER_SECOND = 1000;

/** The wheel's question: ms deadline of a row, NaN when the ticket is old. */
export type DeadlineOf = (row: number, ticket: number) => number;

/**
 * Rows by deadline: a hierarchical timing wheel with slots of a second.
 *
 *     level 0: one slot a second of the present 64      | . | x | . | x | ...
 *     level 1: one slot for each of the present 64 * 64 s   | . | x x | . ...
 *     level 2 ...
 *
 * An entry lies at the lowest level whose present range holds its second. When
 * time comes to a slot of a higher level, its entries move down.
 *
 * A deadline may be put off without telling: an entry that comes due too early
 * goes where it belongs then. Most visits put the end of their session off, so
 * this saves nearly all the work. For a deadline that comes nearer the row gets
 * a new entry with a new ticket, and the old entry means nothing any more.
 */
export class DeadlineWheel {
  readonly #deadlineOf: DeadlineOf;
  readonly #slots: RowList[] = [];
  readonly #deadlinesMs = new Float64Array(ASKED);
  /** Entries at each level. */
  readonly #counts = new Int32Array(LEVELS);
  /** Second that the wheel has come to; all entries lie at or behind it. */
  #nowS = 0;
  #lastTicket = 0;
  /** The slot that is being emptied, its level, and how far that has come. */
  #slot = new RowList();
  #level = 0;
  #seen = 0;
  #end = 0;
  #looksLeft = 0;

  constructor(deadlineOf: DeadlineOf) {
    this.#deadlineOf = deadlineOf;
    for (let i = 0; i < LEVELS * SLOTS; i++) this.#slots.push(new RowList());
  }

  get bytesHeld(): number {
    return this.#slots.reduce((sum, slot) => sum + slot.bytesHeld, 0);
  }

  /** Entries, old ones included. */
  get entries(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** Forgets all entries and starts again at the beginning of time. */
  clear(): void {
    for (const slot of this.#slots) slot.clear();
    this.#counts.fill(0);
    this.#nowS = 0;
    this.#seen = this.#end;
  }

  /** Adds an entry; returns its ticket. */
  add(row: number, deadlineMs: number): number {
    this.#lastTicket = (this.#lastTicket + 1) | 0;
    this.#place(row, this.#lastTicket, deadlineMs);
    return this.#lastTicket;
  }

  #place(row: number, ticket: number, deadlineMs: number): void {
    let second = secondOf(deadlineMs);
    let now = this.#nowS;
    if (second < now) {
      throw new RangeError(
        `Cannot add deadline: ${deadlineMs} ms is behind the wheel`,
      );
    }
    let level = 0;
    let turn = Math.floor(second / SLOTS);
    // At each level the time is counted in its slots: up to the present turn.
    for (;;) {
      now = Math.floor(now / SLOTS);
      if (turn === now) break;
      level++;
      second = turn;
      turn = Math.floor(second / SLOTS);
    }
    // Not `second % SLOTS`, which is slow for numbers above 31 bits.
    const digit = second - turn * SLOTS;
    this.#slots[level * SLOTS + digit]!.push(row, ticket);
    this.#counts[level]!++;
  }

  /** True when `takeDue` has stopped amid a slot: it had looked at enough. */
  get isBusy(): boolean {
    return this.#seen < this.#end;
  }

  /** Lets `takeDue` look at so many entries more before it is busy. */
  renew(looks: number): void {
    this.#looksLeft = looks;
  }

  /**
   * Fills `due` with the rows whose deadline is at or before `untilMs`, those
   * of the earliest second that has any, in order. False when none are left, or
   * `isBusy`: to be called again with the same list, before anything is added.
   */
  takeDue(untilMs: number, due: RowList): boolean {
    const untilS = secondOf(untilMs);
    if (!this.isBusy) due.clear();
    for (;;) {
      if (!this.isBusy) {
        const level = this.#counts.findIndex((count) => count > 0);
        const second = level < 0 ? Infinity : this.#firstSecond(level);
        if (second > untilS) {
          this.#nowS = Math.max(this.#nowS, untilS);
          return false;
        }
        this.#nowS = second;
        this.#beginSlot(level);
      }
      this.#emptySlot(untilMs, due);
      if (this.isBusy) return false;
      if (due.length > 0) break;
      // What the last second still holds is due later in that second.
      if (this.#level === 0 && this.#nowS === untilS) return false;
    }
    due.sortByValue(MS_PER_SECOND);
    return true;
  }

  /** First second of the first slot with entries at a level that has some. */
  #firstSecond(level: number): number {
    const width = SLOTS ** level;
    let ordinal = Math.floor(this.#nowS / width);
    while (this.#slots[level * SLOTS + (ordinal % SLOTS)]!.length === 0) {
      ordinal++;
    }
    return ordinal * width;
  }

  /** Begins to take the entries out of the slot of the present second. */
  #beginSlot(level: number): void {
    const digit = Math.floor(this.#nowS / SLOTS ** level) % SLOTS;
    const slot = this.#slots[level * SLOTS + digit]!;
    this.#level = level;
    this.#slot = slot;
    this.#seen = 0;
    this.#end = slot.length;
    this.#counts[level]! -= slot.length;
    // Some may go back into this very slot: never past what is read already.
    slot.length = 0;
  }

  /** Those that are due go into `due`, the others to where they belong by now. */
  #emptySlot(untilMs: number, due: RowList): void {
    const slot = this.#slot;
    const startMs = startMsOf(this.#nowS);
    const lastMs = Math.min(untilMs, startMs + MS_PER_SECOND - 1);
    while (this.#seen < this.#end && this.#looksLeft > 0) {
      const count = Math.min(ASKED, this.#end - this.#seen);
      this.#ask(slot, count);
      for (let i = 0; i < count; i++) {
        const row = slot.rowAt(this.#seen);
        const ticket = slot.valueAt(this.#seen++);
        const deadlineMs = this.#deadlinesMs[i]!;
        if (Number.isNaN(deadlineMs)) continue;
        if (this.#level === 0 && deadlineMs <= lastMs) {
          due.push(row, deadlineMs - startMs);
        } else {
          this.#place(row, ticket, deadlineMs);
        }
      }
      this.#looksLeft -= count;
    }
    if (!this.isBusy && slot.length === 0) slot.clear();
  }

  /**
   * Asks for the deadlines of some entries. The rows lie anywhere in memory:
   * in a loop that does nothing else the processor waits for many at a time.
   */
  #ask(slot: RowList, count: number): void {
    for (let i = 0; i < count; i++) {
      const at = this.#seen + i;
      const deadlineMs = this.#deadlineOf(slot.rowAt(at), slot.valueAt(at));
      this.#deadlinesMs[i] = deadlineMs;
    }
  }
}

function secondOf(ms: number): number {
  return Math.min(LAST_S, Math.floor(ms / MS_PER_SECOND) - ORIGIN_S);
}

function startMsOf(second: number): number {
  return (second + ORIGIN_S) * MS_PER_SECOND;
}
