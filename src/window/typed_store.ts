import { VISIT } from "./rejection.ts";
import { CacheWarmer, WARM_VISITS } from "./store/cache_warmer.ts";
import { BUSY, DueSessions } from "./store/due_sessions.ts";
import { OpenCounts } from "./store/open_counts.ts";
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
 *     DueSessions: rows in order of their next deadline
 *                       |
 *                       '--> SessionFirer: JSON straight from the bytes
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
  readonly #due: DueSessions;
  /** The cursor of short looks at other sessions. */
  readonly #glance = new SessionRow(this.#arena);
  readonly #counts = new OpenCounts();
  #watermarkMs = -Infinity;
  /** `advanceTo` has stopped on its way. */
  #isStepUnfinished = false;

  constructor({ gapMs, allowedLatenessMs }: WindowParameters) {
    const isInRange = (ms: number) => ms >= 0 && ms <= DURATION_MS_MAX;
    if (!isInRange(gapMs) || !isInRange(allowedLatenessMs)) {
      throw new RangeError(
        `Cannot create window store: gap ${gapMs} ms and lateness ${allowedLatenessMs} ms must be from 0 to ${DURATION_MS_MAX}`,
      );
    }
    this.#gapMs = gapMs;
    this.#allowedLatenessMs = allowedLatenessMs;
    this.#due = new DueSessions(this.#arena, this.#warmer, allowedLatenessMs);
  }

  get watermarkMs(): number {
    return this.#watermarkMs;
  }

  get openSessions(): number {
    return this.#counts.sessions;
  }

  get openVisits(): number {
    return this.#counts.visits;
  }

  get unfiredVisits(): number {
    return this.#counts.unfired;
  }

  get bytesHeld(): number {
    return (
      this.#arena.bytesHeld +
      this.#index.bytesHeld +
      this.#due.bytesHeld +
      this.#firer.bytesHeld
    );
  }

  applyVisits(visits: VisitColumns, from: number, out: StoreOutput): number {
    if (this.#isStepUnfinished) {
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
    this.#counts.addVisit();
    if (row.endMs - 1 > this.#watermarkMs) {
      if (!isWaiting) this.#due.schedule(row);
      return false;
    }
    this.#fire(out, "late-update", visits.offset[index]!);
    if (!isTouched) this.#due.schedule(row);
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
    this.#counts.sessions++;
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
    this.#due.leaveEmptyRow(later);
    this.#counts.sessions--;
  }

  advanceTo(watermarkMs: number, out: StoreOutput): boolean {
    if (!(watermarkMs >= this.#watermarkMs)) {
      throw new RangeError(
        `Cannot move watermark: ${watermarkMs} is behind ${this.#watermarkMs}`,
      );
    }
    this.#watermarkMs = watermarkMs;
    this.#isStepUnfinished = true;
    this.#due.renew();
    for (;;) {
      const address = this.#due.next(watermarkMs);
      if (address === BUSY) return false;
      if (address === NONE) break;
      if (this.#settle(address, out) && out.isFull) return false;
    }
    this.#isStepUnfinished = false;
    return true;
  }

  /** Does what is due with a session; true when that fired it. */
  #settle(address: number, out: StoreOutput): boolean {
    const row = this.#memory.moveTo(address);
    const isFiring = row.unfired > 0;
    if (isFiring) {
      const isEnd = this.#watermarkMs === Infinity;
      this.#fire(out, isEnd ? "end-of-input" : "gap", -1);
    }
    if (this.#isGone(row.endMs)) this.#forget();
    else this.#due.schedule(row);
    return isFiring;
  }

  /** Fires the session that the memory stands on. */
  #fire(out: StoreOutput, closeReason: CloseReason, causeOffset: number): void {
    const { row } = this.#memory;
    this.#counts.fire(row);
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
    this.#counts.forget(row);
    this.#index.remove(row);
    this.#memory.free();
  }

  reassign(dropped: ReadonlySet<number>, watermarkMs: number): void {
    const { row } = this.#memory;
    for (const address of [...this.#index.rows()]) {
      this.#memory.moveTo(address);
      if (dropped.has(row.idPartition)) this.#forget();
    }
    this.#due.clear();
    this.#isStepUnfinished = false;
    this.#watermarkMs = watermarkMs;
    for (const address of this.#index.rows()) {
      this.#due.schedule(row.moveTo(address));
    }
  }

  #isGone(endMs: number): boolean {
    return this.#watermarkMs >= endMs - 1 + this.#allowedLatenessMs;
  }
}
