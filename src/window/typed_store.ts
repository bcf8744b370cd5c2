import { VISIT } from "./rejection.ts";
import { CacheWarmer, WARM_VISITS } from "./store/cache_warmer.ts";
import { DeadlineWheel } from "./store/deadline_wheel.ts";
import { RowList } from "./store/row_list.ts";
import { SessionFirer } from "./store/session_firer.ts";
import { SessionIndex } from "./store/session_index.ts";
import { SessionMemory } from "./store/session_memory.ts";
import { SessionRow } from "./store/session_row.ts";
import { NONE } from "./store/slab.ts";
import { SlabArena } from "./store/slab_arena.ts";
import { VisitStrings } from "./store/visit_strings.ts";
import type { VisitColumns } from "./visit_columns.ts";
import type {
  CloseReason,
  StoreOutput,
  WindowParameters,
  WindowStore,
} from "./window_store.ts";

/** Longest gap or lateness, ms: deadlines stay far inside what is exact. */
const DURATION_MS_MAX = 1e15;

/**
 * The session windows of a shard in typed arrays, outside the JavaScript heap:
 * nothing is allocated a visit, and nothing is left for the collector.
 *
 *     visit --key--> SessionIndex: hash table --> newest session of the key
 *                                                  |
 *     SessionMemory:   row --> text block --> chunks of visits
 *                       ^
 *     DeadlineWheel: rows by second of their next deadline
 *                       |
 *                       '--> SessionFirer: JSON straight from the bytes
 *
 * A session waits for its end while it holds visits that were never part of a
 * firing, and else for its end plus the allowed lateness, to be forgotten.
 */
export class TypedStore implements WindowStore {
  readonly #gapMs: number;
  readonly #allowedLatenessMs: number;
  readonly #arena = new SlabArena();
  readonly #index = new SessionIndex(this.#arena);
  readonly #warmer = new CacheWarmer(this.#arena, this.#index);
  readonly #memory = new SessionMemory(this.#arena);
  readonly #firer = new SessionFirer(this.#arena, this.#memory);
  readonly #visit = new VisitStrings();
  readonly #wheel = new DeadlineWheel(this.#deadlineOf.bind(this));
  /** The cursor of the wheel and of short looks at other sessions. */
  readonly #glance = new SessionRow(this.#arena);
  /** Rows of sessions that were swallowed; they go at their last deadline. */
  readonly #emptyRows = new Set<number>();
  /** Sessions of one second whose deadline has come, and how many are done. */
  readonly #due = new RowList();
  #dueDone = 0;
  #watermarkMs = -Infinity;
  #openSessions = 0;
  #openVisits = 0;
  #unfiredVisits = 0;

  constructor({ gapMs, allowedLatenessMs }: WindowParameters) {
    const isInRange = (ms: number) => ms >= 0 && ms <= DURATION_MS_MAX;
    if (!isInRange(gapMs) || !isInRange(allowedLatenessMs)) {
      throw new RangeError(
        `Cannot create window store: gap ${gapMs} ms and lateness ${allowedLatenessMs} ms must be from 0 to ${DURATION_MS_MAX}`,
      );
    }
    this.#gapMs = gapMs;
    this.#allowedLatenessMs = allowedLatenessMs;
  }

  get watermarkMs(): number {
    return this.#watermarkMs;
  }

  get openSessions(): number {
    return this.#openSessions;
  }

  get openVisits(): number {
    return this.#openVisits;
  }

  get unfiredVisits(): number {
    return this.#unfiredVisits;
  }

  get bytesHeld(): number {
    return (
      this.#arena.bytesHeld +
      this.#index.bytesHeld +
      this.#wheel.bytesHeld +
      this.#firer.bytesHeld +
      this.#due.bytesHeld
    );
  }

  applyVisits(visits: VisitColumns, from: number, out: StoreOutput): number {
    if (this.#dueDone < this.#due.length) {
      throw new Error("Cannot apply visits: a watermark step is unfinished");
    }
    this.#visit.open(visits);
    for (let index = from; index < visits.count; index++) {
      if ((index - from) % WARM_VISITS === 0) this.#warmer.warm(visits, index);
      if (visits.outcome[index] !== VISIT) continue;
      const didPutOut = this.#apply(visits, index, out);
      if (didPutOut && out.isFull) return index + 1;
    }
    return visits.count;
  }

  /** Applies one visit; true when it is late or fired a session. */
  #apply(visits: VisitColumns, index: number, out: StoreOutput): boolean {
    this.#visit.moveTo(visits, index);
    const startMs = visits.timestampMs[index]!;
    const endMs = startMs + this.#gapMs;
    const { row } = this.#memory;
    let newer = NONE;
    let at = this.#index.newest(visits.keyHash[index]!, this.#visit.key);
    while (at !== NONE && row.moveTo(at).startMs > endMs) {
      newer = at;
      at = row.older;
    }
    // Only the latest session that starts early enough can be touched, and
    // with it the one before: a session is no shorter than the visit's window.
    const isTouched = at !== NONE && row.endMs >= startMs;
    if (!isTouched && this.#isGone(endMs)) {
      out.late(index);
      return true;
    }
    let isWaiting = false;
    if (isTouched) isWaiting = this.#join(at, startMs, endMs);
    else this.#open(visits, index, newer, at);
    this.#memory.append(this.#visit);
    this.#openVisits++;
    this.#unfiredVisits++;
    if (row.endMs - 1 > this.#watermarkMs) {
      if (!isWaiting) this.#schedule();
      return false;
    }
    this.#fire(out, "late-update", visits.offset[index]!);
    if (!isTouched) this.#schedule();
    return true;
  }

  /** Opens a session between two others of its key, either of them NONE. */
  #open(
    visits: VisitColumns,
    index: number,
    newer: number,
    older: number,
  ): void {
    const row = this.#memory.create(this.#visit);
    row.startMs = visits.timestampMs[index]!;
    row.endMs = row.startMs + this.#gapMs;
    row.keyHash = visits.keyHash[index]!;
    row.idPartition = visits.partition[index]!;
    row.idOffset = visits.offset[index]!;
    this.#index.insert(row, newer, older);
    this.#openSessions++;
  }

  /**
   * Moves to the session that a visit touches, merged with the one before if
   * that is touched too, and widens its window. Returns whether the session
   * has a deadline for its firing, which the visit can only put off.
   */
  #join(touched: number, startMs: number, endMs: number): boolean {
    const { row } = this.#memory;
    const { older } = row;
    const isBridge =
      older !== NONE && this.#glance.moveTo(older).endMs >= startMs;
    if (isBridge) this.#merge(older, touched);
    else this.#memory.moveTo(touched);
    if (startMs < row.startMs) row.startMs = startMs;
    if (endMs > row.endMs) row.endMs = endMs;
    return !isBridge && row.unfired > 0;
  }

  /** Merges two sessions of a key into the earlier one and moves to that. */
  #merge(earlier: number, later: number): void {
    this.#index.remove(this.#glance.moveTo(later));
    this.#memory.moveTo(earlier);
    this.#memory.swallow(later);
    this.#emptyRows.add(later);
    this.#openSessions--;
  }

  advanceTo(watermarkMs: number, out: StoreOutput): boolean {
    if (!(watermarkMs >= this.#watermarkMs)) {
      throw new RangeError(
        `Cannot move watermark: ${watermarkMs} is behind ${this.#watermarkMs}`,
      );
    }
    this.#watermarkMs = watermarkMs;
    do {
      while (this.#dueDone < this.#due.length) {
        const didFire = this.#settle(this.#due.rowAt(this.#dueDone++), out);
        if (didFire && out.isFull) return false;
      }
      this.#dueDone = 0;
    } while (this.#wheel.takeDue(watermarkMs, this.#due));
    return true;
  }

  /** Does what is due with a row; true when that fired a session. */
  #settle(address: number, out: StoreOutput): boolean {
    if (this.#emptyRows.delete(address)) {
      this.#memory.freeEmptyRow(address);
      return false;
    }
    const row = this.#memory.moveTo(address);
    const isFiring = row.unfired > 0;
    if (isFiring) {
      const isEnd = this.#watermarkMs === Infinity;
      this.#fire(out, isEnd ? "end-of-input" : "gap", -1);
    }
    if (this.#isGone(row.endMs)) this.#forget();
    else this.#schedule();
    return isFiring;
  }

  /** Fires the session that the memory stands on. */
  #fire(out: StoreOutput, closeReason: CloseReason, causeOffset: number): void {
    const { row } = this.#memory;
    this.#unfiredVisits -= row.unfired;
    if (this.#unfiredVisits < 0) {
      throw new Error("Cannot fire session: more visits fired than came in");
    }
    this.#firer.fire(out, {
      watermarkMs: this.#watermarkMs,
      closeReason,
      final: this.#isGone(row.endMs),
      causeOffset,
    });
  }

  /** Forgets the session that the memory stands on. */
  #forget(): void {
    const { row } = this.#memory;
    this.#openSessions--;
    this.#openVisits -= row.visits;
    this.#unfiredVisits -= row.unfired;
    if (Math.min(this.#openSessions, this.#openVisits) < 0) {
      throw new Error("Cannot forget session: more are gone than were opened");
    }
    this.#index.remove(row);
    this.#memory.free();
  }

  reassign(dropped: ReadonlySet<number>, watermarkMs: number): void {
    const { row } = this.#memory;
    for (const address of [...this.#index.rows()]) {
      this.#memory.moveTo(address);
      if (dropped.has(row.idPartition)) this.#forget();
    }
    for (const address of this.#emptyRows) this.#memory.freeEmptyRow(address);
    this.#emptyRows.clear();
    this.#wheel.clear();
    this.#due.clear();
    this.#dueDone = 0;
    this.#watermarkMs = watermarkMs;
    for (const address of this.#index.rows()) {
      row.moveTo(address);
      this.#schedule();
    }
  }

  #isGone(endMs: number): boolean {
    return this.#watermarkMs >= endMs - 1 + this.#allowedLatenessMs;
  }

  /** Adds the deadline of the session that the memory stands on. */
  #schedule(): void {
    const { row } = this.#memory;
    row.ticket = this.#wheel.add(row.address, this.#deadlineMsOf(row));
  }

  #deadlineMsOf(row: SessionRow): number {
    const lastMs = row.endMs - 1;
    return row.unfired > 0 ? lastMs : lastMs + this.#allowedLatenessMs;
  }

  /** Answers the wheel. A row in it was never freed: see `#emptyRows`. */
  #deadlineOf(address: number, ticket: number): number {
    const row = this.#glance.moveTo(address);
    return row.ticket === ticket ? this.#deadlineMsOf(row) : Number.NaN;
  }
}
