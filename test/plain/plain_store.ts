import type { VisitColumns } from "../../src/kernel/host/visit_columns.ts";
import { VISIT } from "../../src/window/rejection.ts";
import type {
  StoreOutput,
  WindowParameters,
  WindowStore,
} from "../../src/window/window_store.ts";
import { compare, formatSession } from "./plain_format.ts";
import {
  type FiringCause,
  mergeSessions,
  openSession,
  type PlainSession,
  type PlainVisit,
  readVisit,
} from "./plain_session.ts";

/** The window rules in maps and objects: slow, short and easy to check. */
export class PlainStore implements WindowStore {
  watermarkMs = -Infinity;
  readonly bytesHeld = 0;
  readonly #parameters: WindowParameters;
  /** Live sessions of each `visit_id`; they neither overlap nor touch. */
  readonly #sessions = new Map<string, PlainSession[]>();
  #arrivals = 0;

  constructor(parameters: WindowParameters) {
    this.#parameters = parameters;
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

  applyVisits(visits: VisitColumns, from: number, out: StoreOutput): number {
    for (let index = from; index < visits.count; index++) {
      if (out.isFull) return index;
      if (visits.outcome[index] !== VISIT) continue;
      const visit = readVisit(visits, index, this.#arrivals++);
      if (!this.#apply(visit, out)) out.late(index);
    }
    return visits.count;
  }

  advanceTo(watermarkMs: number, out: StoreOutput): boolean {
    if (watermarkMs > this.watermarkMs) this.watermarkMs = watermarkMs;
    const due = this.#all()
      .filter((session) => session.unfiredVisits > 0 && this.#isEnded(session))
      .toSorted((a, b) => a.endMs - b.endMs || compare(a.key, b.key));
    const closeReason = watermarkMs === Infinity ? "end-of-input" : "gap";
    for (const session of due) {
      if (out.isFull) return false;
      this.#fire(session, { closeReason, causeOffset: -1 }, out);
    }
    this.#keep((session) => !this.#isGone(session));
    return true;
  }

  reassign(dropped: ReadonlySet<number>, watermarkMs: number): void {
    this.#keep((session) => !dropped.has(session.idPartition));
    this.watermarkMs = watermarkMs;
  }

  /** False when the visit is late. */
  #apply(visit: PlainVisit, out: StoreOutput): boolean {
    const own = openSession(visit, this.#parameters.gapMs);
    const live = this.#sessions.get(visit.key) ?? [];
    const touching = live
      .filter((it) => it.startMs <= own.endMs && it.endMs >= own.startMs)
      .toSorted((a, b) => a.startMs - b.startMs);
    const merged = [...touching, own].reduce(mergeSessions);
    if (this.#isGone(merged)) return false;
    const others = live.filter((session) => !touching.includes(session));
    this.#sessions.set(visit.key, [...others, merged]);
    if (this.#isEnded(merged)) {
      const causeOffset = visit.offset;
      this.#fire(merged, { closeReason: "late-update", causeOffset }, out);
    }
    return true;
  }

  #isEnded(session: PlainSession): boolean {
    return this.watermarkMs >= session.endMs - 1;
  }

  #isGone(session: PlainSession): boolean {
    const lastMs = session.endMs - 1 + this.#parameters.allowedLatenessMs;
    return this.watermarkMs >= lastMs;
  }

  #fire(session: PlainSession, cause: FiringCause, out: StoreOutput): void {
    const newVisits = session.unfiredVisits;
    session.unfiredVisits = 0;
    session.lastRevision++;
    const value = Buffer.from(
      formatSession(session, {
        generationTime: out.generationTime,
        watermarkMs: this.watermarkMs,
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
