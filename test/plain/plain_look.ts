import type {
  LookAnswer,
  LookMessage,
  ToldSession,
} from "../../src/window/session_look.ts";
import type { PageOrder } from "../../src/window/window_store.ts";
import { bytesOf, formatSession } from "./plain_format.ts";
import { isMixed, type PlainSession } from "./plain_session.ts";

const BEFORE = {
  oldest: (a: PlainSession, b: PlainSession) => a.startMs - b.startMs,
  largest: (a: PlainSession, b: PlainSession) => bytesOf(b) - bytesOf(a),
  latest: (a: PlainSession, b: PlainSession) => b.endMs - a.endMs,
};

/** What is asked about these sessions, of which none is large. */
export function plainLook(
  sessions: readonly PlainSession[],
  message: LookMessage,
  at: {
    readonly gapMs: number;
    readonly pageOrder: PageOrder;
    readonly watermarkMs: number;
  },
): LookAnswer {
  const tell = (session: PlainSession) => told(session, at.gapMs);
  if (message.kind === "list") {
    const all = sessions.toSorted(BEFORE[message.order]).map(tell);
    const listed = all.slice(0, message.limit);
    return { kind: "listed", sessions: listed, next: null };
  }
  const found = message.keys.map((key) =>
    sessions
      .filter((session) => session.key === key)
      .toSorted((a, b) => a.startMs - b.startMs)
      .map((session) => ({
        ...tell(session),
        json: formatSession(session, { ...at, generationTime: "" }),
      })),
  );
  return { kind: "found", found };
}

function told(session: PlainSession, gapMs: number): ToldSession {
  const { key, idPartition, idOffset, startMs, endMs, visits } = session;
  return {
    visitId: JSON.parse(`"${key}"`) as string,
    isCut: false,
    sessionId: `${idPartition}-${idOffset}`,
    startMs,
    lastVisitMs: endMs - gapMs,
    endMs,
    visits: visits.length,
    unfiredVisits: session.unfiredVisits,
    bytes: bytesOf(session),
    firings: session.lastRevision + 1,
    isMixed: isMixed(session),
  };
}
