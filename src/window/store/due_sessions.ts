import { type CacheWarmer, WARM_SESSIONS } from "./cache_warmer.ts";
import { DeadlineWheel } from "./deadline_wheel.ts";
import { RowList } from "./row_list.ts";
import { SessionRow } from "./session_row.ts";
import { NONE } from "./slab.ts";
import type { SlabArena } from "./slab_arena.ts";

/** Stands in place of an address: see `DueSessions.next`. */
export const BUSY = -2;

/** Deadlines that are looked at in one go: some 10 ms of work. */
const LOOKS = 64 * 1024;

/**
 * What each session waits for: its end while it holds visits that were never
 * part of a firing, and else its end plus the allowed lateness, to be
 * forgotten.
 */
export class DueSessions {
  readonly #arena: SlabArena;
  readonly #allowedLatenessMs: number;
  readonly #row: SessionRow;
  readonly #warmer: CacheWarmer;
  readonly #wheel = new DeadlineWheel(this.#deadlineOf.bind(this));
  /** Rows of one second whose deadline has come, and how many were taken. */
  readonly #due = new RowList();
  #taken = 0;
  /** Rows of sessions that were swallowed; they go at their last deadline. */
  readonly #emptyRows = new Set<number>();

  constructor(
    arena: SlabArena,
    warmer: CacheWarmer,
    allowedLatenessMs: number,
  ) {
    this.#warmer = warmer;
    this.#arena = arena;
    this.#allowedLatenessMs = allowedLatenessMs;
    this.#row = new SessionRow(arena);
  }

  get bytesHeld(): number {
    return this.#wheel.bytesHeld + this.#due.bytesHeld;
  }

  /** Sets the deadline of a session; an earlier one is void from now on. */
  schedule(row: SessionRow): void {
    row.ticket = this.#wheel.add(row.address, this.#deadlineMsOf(row));
  }

  /** Takes a row that has no session any more, to free it later. */
  leaveEmptyRow(address: number): void {
    this.#emptyRows.add(address);
  }

  /** Begins a stretch of work, after which `next` is `BUSY` at the latest. */
  renew(): void {
    this.#wheel.renew(LOOKS);
  }

  /**
   * The next session whose deadline is at or before `untilMs`, NONE, or BUSY:
   * then there may be more, but others should get their turn before.
   */
  next(untilMs: number): number {
    for (;;) {
      // While the wheel is busy the list is not complete.
      while (!this.#wheel.isBusy && this.#taken < this.#due.length) {
        if (this.#taken % WARM_SESSIONS === 0) {
          this.#warmer.warmSessions(this.#due, this.#taken);
        }
        const address = this.#due.rowAt(this.#taken++);
        if (!this.#emptyRows.delete(address)) return address;
        this.#arena.free(address);
      }
      this.#taken = 0;
      if (this.#wheel.takeDue(untilMs, this.#due)) continue;
      return this.#wheel.isBusy ? BUSY : NONE;
    }
  }

  /** Forgets all deadlines, and frees the empty rows. */
  clear(): void {
    for (const address of this.#emptyRows) this.#arena.free(address);
    this.#emptyRows.clear();
    this.#wheel.clear();
    this.#due.clear();
    this.#taken = 0;
  }

  #deadlineMsOf(row: SessionRow): number {
    const lastMs = row.endMs - 1;
    return row.unfired > 0 ? lastMs : lastMs + this.#allowedLatenessMs;
  }

  /** Answers the wheel. A row in it was never freed: see `#emptyRows`. */
  #deadlineOf(address: number, ticket: number): number {
    const row = this.#row.moveTo(address);
    return row.ticket === ticket ? this.#deadlineMsOf(row) : Number.NaN;
  }
}
