const GAP_MS = 10 * 60_000;
const ALLOWED_LATENESS_MS = 15 * 60_000;
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A visit as the topic has it; all else in it is ignored. */
export interface Visit {
  visit_id: string;
  event_time: string;
  user_id?: string | null;
  page?: string | null;
}

interface Session {
  startMs: number;
  endMs: number;
  userId: string | null;
  pages: { page: string | null; event_time: string }[];
  hasFired: boolean;
}

/** A record for the output topic. */
export interface Output {
  key: string;
  value: string;
}

/** All sessions that are open or may still be joined, in one Map. */
export class Sessions {
  readonly #sessions = new Map<string, Session[]>();

  /** Takes in a visit; what it fires at once is added to `out`. */
  add(visit: Visit, watermarkMs: number, out: Output[]): void {
    const startMs = Math.floor(Date.parse(visit.event_time) / 1000) * 1000;
    const { page = null, event_time, user_id = null } = visit;
    const known = this.#sessions.get(visit.visit_id) ?? [];
    const isTouched = (session: Session) =>
      session.startMs <= startMs + GAP_MS && startMs <= session.endMs;
    const touched = known.filter(isTouched);
    const session: Session = {
      startMs: Math.min(startMs, ...touched.map((each) => each.startMs)),
      endMs: Math.max(startMs + GAP_MS, ...touched.map((each) => each.endMs)),
      userId: user_id,
      pages: [...touched.flatMap((each) => each.pages), { page, event_time }],
      hasFired: false,
    };
    if (session.endMs - 1 + ALLOWED_LATENESS_MS <= watermarkMs) return;
    const others = known.filter((each) => !isTouched(each));
    this.#sessions.set(visit.visit_id, [...others, session]);
    if (session.endMs - 1 > watermarkMs) return;
    out.push(toOutput(visit.visit_id, session, watermarkMs));
    session.hasFired = true;
  }

  /** Fires what has ended and forgets what is gone. */
  advanceTo(watermarkMs: number, out: Output[]): void {
    for (const [id, sessions] of this.#sessions) {
      for (const session of sessions) {
        if (session.hasFired || session.endMs - 1 > watermarkMs) continue;
        out.push(toOutput(id, session, watermarkMs));
        session.hasFired = true;
      }
      const goneMs = watermarkMs + 1 - ALLOWED_LATENESS_MS;
      const kept = sessions.filter((session) => session.endMs > goneMs);
      if (kept.length === 0) this.#sessions.delete(id);
      else if (kept.length < sessions.length) this.#sessions.set(id, kept);
    }
  }
}

function toOutput(id: string, session: Session, watermarkMs: number): Output {
  const pages = session.pages.toSorted((a, b) =>
    a.event_time < b.event_time ? -1 : Number(a.event_time > b.event_time),
  );
  const listed = pages.map(
    ({ page, event_time }) =>
      `{"page": ${dumps(page)}, "event_time": ${dumps(event_time)}}`,
  );
  const now = new Date().toISOString().replace("Z", "000");
  const value =
    `{"visit_id": ${dumps(id)}, "start_time": ${dumps(pages[0]!.event_time)}, ` +
    `"end_time": ${dumps(pages.at(-1)!.event_time)}, ` +
    `"visited_pages": [[${listed.join(", ")}]], ` +
    `"user_id": [${dumps(session.userId)}], ` +
    `"data_processing_context": {"generation_time": "${now}", ` +
    `"watermark": "${isoText(watermarkMs)}"}}`;
  return { key: id, value };
}

/** As Python's json.dumps writes a string or null. */
function dumps(text: string | null): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function isoText(ms: number): string {
  if (ms > LAST_MS) return "9999-12-31T23:59:59.999999+00:00";
  const text = new Date(ms).toISOString();
  return text.replace(
    ms % 1000 === 0 ? ".000Z" : "Z",
    ms % 1000 === 0 ? "+00:00" : "000+00:00",
  );
}
