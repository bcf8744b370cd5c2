import {
  REFIRE_BYTES_MAX,
  REJECT_SESSION_FULL,
  SESSION_BYTES_MAX,
} from "../../src/kernel/codes.ts";
import {
  CLOSE_REASONS,
  type CloseReason,
} from "../../src/kernel/host/session_names.ts";
import type { VisitColumns } from "../../src/kernel/host/visit_columns.ts";
import { VISIT } from "../../src/window/rejection.ts";
import type { LookAnswer, LookMessage } from "../../src/window/session_look.ts";
import type {
  FiringCounts,
  StoreOutput,
  WindowParameters,
  WindowStore,
} from "../../src/window/window_store.ts";
import { bytesOf, compare, formatSession } from "./plain_format.ts";
import { plainLook } from "./plain_look.ts";
import {
  type FiringCause,
  isMixed,
  mergeSessions,
  openSession,
  type PlainSession,
  type PlainVisit,
  readVisit,
} from "./plain_session.ts";

/** Stands beside the outcome codes. */
const LATE = -1;

/** The window rules in maps and objects: slow, short and easy to check. */
export class PlainStore implements WindowStore {
  watermarkMs = -Infinity;
  readonly bytesHeld = 0;
  readonly #parameters: Required<WindowParameters>;
  /** Live sessions of each `visit_id`; they neither overlap nor touch. */
  readonly #sessions = new Map<string, PlainSession[]>();
  readonly #fired: { reason: CloseReason; revision: number }[] = [];
  #arrivals = 0;
  #sourceTopicId = "";

  constructor(parameters: WindowParameters) {
    this.#parameters = {
      sessionBytesMax: SESSION_BYTES_MAX,
      refireBytesMax: REFIRE_BYTES_MAX,
      pageOrder: "text",
      ...parameters,
    };
  }

  get openSessions(): number {
    return this.#all().length;
  }

  get openVisits(): number {
    return this.#all().reduce((sum, session) => sum + session.visits.length, 0);
  }

  get unfiredVisits(): number {
    return this.#all().reduce((sum, session) => sum + session.unfiredVisits, 0);
  }

  get openMixedSessions(): number {
    return this.#all().filter(isMixed).length;
  }

  /** How many there ever were is not for a store that is easy to check. */
  get mixedSessions(): number {
    return Number.NaN;
  }

  applyVisits(visits: VisitColumns, from: number, out: StoreOutput): number {
    for (let index = from; index < visits.count; index++) {
      if (out.isFull) return index;
      if (visits.outcome[index] !== VISIT) continue;
      const visit = readVisit(visits, index, this.#arrivals++);
      const outcome = this.#apply(visit, out);
      if (outcome === LATE) out.late(index);
      else if (outcome !== VISIT) out.reject(index, outcome);
    }
    return visits.count;
  }

  advanceTo(watermarkMs: number, out: StoreOutput): boolean {
    if (watermarkMs > this.watermarkMs) this.watermarkMs = watermarkMs;
    const due = this.#all()
      .filter((session) => session.unfiredVisits > 0)
      .filter((session) => this.#firesAtMs(session) <= watermarkMs)
      .toSorted(
        (a, b) =>
          this.#firesAtMs(a) - this.#firesAtMs(b) || compare(a.key, b.key),
      );
    for (const session of due) {
      if (out.isFull) return false;
      const atWatermark = this.#isRefireDear(session) ? "late-update" : "gap";
      const closeReason =
        watermarkMs === Infinity ? "end-of-input" : atWatermark;
      this.#fire(session, { closeReason, causeOffset: -1 }, out);
    }
    this.#keep((session) => !this.#isGone(session));
    return true;
  }

  reassign(dropped: ReadonlySet<number>, watermarkMs: number): void {
    this.#keep((session) => !dropped.has(session.idPartition));
    this.watermarkMs = watermarkMs;
  }

  takeFirings(): FiringCounts {
    const fired = this.#fired.splice(0);
    const byReason = CLOSE_REASONS.map(
      (name) => fired.filter(({ reason }) => reason === name).length,
    );
    const revisions = fired.filter(({ revision }) => revision > 0).length;
    return { byReason, revisions };
  }

  look(message: LookMessage): LookAnswer {
    const { gapMs, pageOrder } = this.#parameters;
    const { watermarkMs } = this;
    return plainLook(this.#all(), message, { gapMs, pageOrder, watermarkMs });
  }

  setSourceTopic(id: string): void {
    this.#sourceTopicId = id;
  }

  /** The outcome code of the visit: late, full, or a visit that was applied. */
  #apply(visit: PlainVisit, out: StoreOutput): number {
    const own = openSession(visit, this.#parameters.gapMs);
    const live = this.#sessions.get(visit.key) ?? [];
    const touching = live
      .filter((it) => it.startMs <= own.endMs && it.endMs >= own.startMs)
      .toSorted((a, b) => a.startMs - b.startMs);
    const merged = [...touching, own].reduce(mergeSessions);
    if (this.#isGone(merged)) return LATE;
    if (bytesOf(merged) > this.#parameters.sessionBytesMax) {
      return REJECT_SESSION_FULL;
    }
    const others = live.filter((session) => !touching.includes(session));
    this.#sessions.set(visit.key, [...others, merged]);
    if (this.#isEnded(merged) && !this.#isRefireDear(merged)) {
      const causeOffset = visit.offset;
      this.#fire(merged, { closeReason: "late-update", causeOffset }, out);
    }
    return VISIT;
  }

  #isEnded(session: PlainSession): boolean {
    return this.watermarkMs >= session.endMs - 1;
  }

  #isGone(session: PlainSession): boolean {
    return this.watermarkMs >= this.#goneAtMs(session);
  }

  #goneAtMs(session: PlainSession): number {
    return session.endMs - 1 + this.#parameters.allowedLatenessMs;
  }

  /** When a session with visits that were in no firing fires them. */
  #firesAtMs(session: PlainSession): number {
    return this.#isRefireDear(session)
      ? this.#goneAtMs(session)
      : session.endMs - 1;
  }

  /** Its firings have put out so much that it fires only once more. */
  #isRefireDear(session: PlainSession): boolean {
    const firings = session.lastRevision + 1;
    return firings * bytesOf(session) > this.#parameters.refireBytesMax;
  }

  #fire(session: PlainSession, cause: FiringCause, out: StoreOutput): void {
    const newVisits = session.unfiredVisits;
    session.unfiredVisits = 0;
    session.lastRevision++;
    const { lastRevision: revision } = session;
    this.#fired.push({ reason: cause.closeReason, revision });
    const value = Buffer.from(
      formatSession(session, {
        generationTime: out.generationTime,
        watermarkMs: this.watermarkMs,
        pageOrder: this.#parameters.pageOrder,
      }),
      "latin1",
    );
    out.emit(value, value.length, {
      ...cause,
      key: Buffer.from(session.key, "latin1"),
      keyStart: 0,
      keyLength: session.key.length,
      keyHash: session.keyHash,
      idPartition: session.idPartition,
      idOffset: session.idOffset,
      revision: session.lastRevision,
      final: this.#isGone(session),
      supersedes: session.supersedes.join(","),
      sourceTopicId: this.#sourceTopicId,
      endMs: session.endMs,
      visits: session.visits.length,
      newVisits,
    });
  }

  #all(): PlainSession[] {
    return [...this.#sessions.values()].flat();
  }

  #keep(isKept: (session: PlainSession) => boolean): void {
    for (const [key, sessions] of this.#sessions) {
      const kept = sessions.filter(isKept);
      if (kept.length > 0) this.#sessions.set(key, kept);
      else this.#sessions.delete(key);
    }
  }
}
