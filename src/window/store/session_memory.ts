import { ROW_BYTES, SessionRow } from "./session_row.ts";
import { SessionText } from "./session_text.ts";
import type { SlabArena } from "./slab_arena.ts";
import { VisitLog } from "./visit_log.ts";
import type { VisitStrings } from "./visit_strings.ts";

/**
 * What a session is made of, in the arena:
 *
 *     row, 64 bytes         text block                chunks
 *     | window, counts, |-->| key, user, base time |-->| visits | -> ...
 *     | id, links       |
 *
 * It has two cursors, so that two sessions can be looked at together.
 */
export class SessionMemory {
  /** The session that is being worked on. */
  readonly row: SessionRow;
  /** Its strings. */
  readonly text: SessionText;
  readonly #other: SessionRow;
  readonly #otherText: SessionText;
  readonly #arena: SlabArena;
  readonly #log: VisitLog;
  /** By row, for the few that have any: fired ids that it has swallowed. */
  readonly #supersedes = new Map<number, string>();

  constructor(arena: SlabArena) {
    this.#arena = arena;
    this.row = new SessionRow(arena);
    this.text = new SessionText(arena);
    this.#other = new SessionRow(arena);
    this.#otherText = new SessionText(arena);
    this.#log = new VisitLog(arena);
  }

  /** Moves both cursors to a session. */
  moveTo(address: number): SessionRow {
    this.row.moveTo(address);
    this.text.moveTo(this.row.text);
    return this.row;
  }

  /** Makes a session without visits and moves to it; its window is not set. */
  create(visit: VisitStrings): SessionRow {
    const { row, text } = this;
    row.moveTo(this.#arena.allocate(ROW_BYTES));
    row.text = text.create(visit);
    row.visits = 0;
    row.unfired = 0;
    row.revision = -1;
    this.#log.create(row, text);
    return row;
  }

  /** Adds a visit to the session; its window is not changed. */
  append(visit: VisitStrings): void {
    const { row, text } = this;
    this.#log.append(row, text, visit);
    row.text = text.setUser(row.text, visit.user);
    row.visits++;
    row.unfired++;
  }

  /**
   * Moves everything of a later session of the same key into this one. What
   * is left of the later one is an empty row.
   */
  swallow(laterAddress: number): void {
    const { row, text } = this;
    const later = this.#other.moveTo(laterAddress);
    this.#noteSwallowed(row, later);
    row.endMs = later.endMs;
    row.revision = Math.max(row.revision, later.revision);
    const visits = row.visits + later.visits;
    // The longer log is the one that stays: so merging again and again costs
    // no more than n log n.
    if (later.visits > row.visits) row.swapMemory(later);
    text.moveTo(row.text);
    const laterText = this.#otherText.moveTo(later.text);
    this.#log.appendAll(row, text, { row: later, text: laterText });
    this.#log.free(laterText);
    this.#arena.free(later.text);
    row.visits = visits;
    row.unfired += later.unfired;
    later.visits = 0;
    later.unfired = 0;
  }

  #noteSwallowed(row: SessionRow, later: SessionRow): void {
    const ids = [this.supersedesOf(row.address)];
    if (later.revision >= 0) ids.push(`${later.idPartition}-${later.idOffset}`);
    ids.push(this.supersedesOf(later.address));
    const joined = ids.filter((id) => id !== "").join(",");
    this.#supersedes.delete(later.address);
    if (joined !== "") this.#supersedes.set(row.address, joined);
  }

  /** The fired ids that a session has swallowed, by start, comma-joined. */
  supersedesOf(address: number): string {
    if (this.#supersedes.size === 0) return "";
    return this.#supersedes.get(address) ?? "";
  }

  /** Frees the session. */
  free(): void {
    const { row, text } = this;
    this.#log.free(text);
    this.#arena.free(row.text);
    this.#supersedes.delete(row.address);
    this.#arena.free(row.address);
  }
}
