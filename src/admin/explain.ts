import { countText } from "../observe/number_text.ts";
import type { OpenSession, RunState } from "../observe/run_view.ts";
import { holdClause } from "./hold_clause.ts";
import { spanText } from "./span_text.ts";
import { isoTime } from "./state_form.ts";

/**
 * What a session waits for: `end`: that the watermark passes its end; `lateness`:
 * that it passes the allowed lateness behind it; `turn`: for nothing more, it is
 * its shard's turn.
 */
export type Wait = "end" | "lateness" | "turn";

/** Why one session is still there. */
export interface SessionExplanation {
  readonly sessionId: string;
  readonly waitsFor: Wait;
  readonly endMs: number;
  /** The watermark that it waits for, ms. */
  readonly untilMs: number;
  /** From the watermark to there, ms; null while there is no watermark. */
  readonly missingMs: number | null;
  readonly sentence: string;
}

/** Why the sessions of a visit_id have not closed. */
export interface Explanation {
  readonly visitId: string;
  readonly watermarkMs: number | null;
  readonly sentence: string;
  /** By start. */
  readonly sessions: readonly SessionExplanation[];
}

/** Why the sessions of a visit_id have not closed, in a sentence for each. */
export function explainSession(
  visitId: string,
  {
    state,
    sessions,
  }: { readonly state: RunState; readonly sessions: readonly OpenSession[] },
): Explanation {
  const explained = sessions.map((session) => explain(session, state));
  const sentences = explained.map(({ sentence }) => sentence);
  const { watermarkMs } = state.progress;
  return {
    visitId,
    watermarkMs: Number.isFinite(watermarkMs) ? watermarkMs : null,
    sentence:
      sentences.length > 0 ? sentences.join(" ") : absence(visitId, state),
    sessions: explained,
  };
}

function explain(session: OpenSession, state: RunState): SessionExplanation {
  const { sessionId, endMs } = session;
  const { watermarkMs } = state.progress;
  const { waitsFor, untilMs } = waitOf(session, state);
  const story = storyOf(session, { waitsFor, state });
  const missingMs = watermarkMs === -Infinity ? null : untilMs - watermarkMs;
  const sentence =
    waitsFor === "turn"
      ? `${story}.`
      : `${story}, ${watermarkClause(missingMs, { untilMs, state })}; ${holdClause(state)}.`;
  return { sessionId, waitsFor, endMs, untilMs, missingMs, sentence };
}

/**
 * A window ends 1 ms before its end, as in Flink. One that was put out and takes
 * more visits in behind its end is too dear to be put out for each: it waits.
 */
function waitOf(session: OpenSession, state: RunState) {
  const { endMs, unfiredVisits } = session;
  const { watermarkMs } = state.progress;
  const lastMs = endMs - 1;
  if (unfiredVisits > 0 && watermarkMs < lastMs) {
    return { waitsFor: "end", untilMs: lastMs } as const;
  }
  const goneMs = lastMs + state.job.allowedLatenessMs;
  const isLast = unfiredVisits === 0 || session.firings > 0;
  if (isLast && watermarkMs < goneMs) {
    return { waitsFor: "lateness", untilMs: goneMs } as const;
  }
  return { waitsFor: "turn", untilMs: isLast ? goneMs : lastMs } as const;
}

/** What became of the session so far, up to what it waits for. */
function storyOf(
  session: OpenSession,
  { waitsFor, state }: { readonly waitsFor: Wait; readonly state: RunState },
): string {
  const { sessionId, visitId, endMs, unfiredVisits, firings } = session;
  const name = `Session ${sessionId} of ${nameText(visitId)}`;
  const times = firings === 1 ? "once" : `${countText(firings)} times`;
  const since = `${countText(unfiredVisits)} ${unfiredVisits === 1 ? "visit has" : "visits have"} come since`;
  if (waitsFor === "turn") {
    if (state.progress.watermarkMs === Infinity) {
      return `${name} is about to be put out: the input has ended`;
    }
    const deed = unfiredVisits > 0 ? "put out" : "forgotten";
    return `${name} is about to be ${deed}: its time has come, and its shard has it next`;
  }
  if (waitsFor === "end") {
    const again =
      firings === 0 ? "is open" : `was put out ${times}, and ${since}`;
    return `${name} ${again}: it ends at ${timeText(endMs)}`;
  }
  const final = timeText(endMs + state.job.allowedLatenessMs);
  return unfiredVisits === 0
    ? `${name} was put out ${times} and waits for late visits alone: it is final at ${final}`
    : `${name} was put out ${times}, and ${since}; it is too large to be put out for each, and is once more at ${final}`;
}

function watermarkClause(
  missingMs: number | null,
  { untilMs, state }: { readonly untilMs: number; readonly state: RunState },
): string {
  if (missingMs === null) return "and there is no watermark yet";
  // A watermark is 1 ms before what it stands for, as the end of a window is.
  const besideMs = untilMs + 1;
  const watermark = timeText(state.progress.watermarkMs + 1, besideMs);
  return `and the watermark is at ${watermark}, ${spanText(missingMs)} before`;
}

function absence(visitId: string, { progress, job }: RunState): string {
  const unread =
    progress.lag === null || progress.lag === 0
      ? ""
      : `, or it is among the ${countText(progress.lag)} records that are not read yet`;
  const elsewhere =
    job.group === null ? "" : ", or another process of the group has it";
  return `${nameText(visitId)} has no open session here: it was put out and forgotten, or never seen${unread}${elsewhere}.`;
}

/** To the second, or to the ms where it has any; without the day of `besideMs`. */
function timeText(ms: number, besideMs?: number): string {
  const iso = isoTime(ms);
  if (iso === null) return `${ms} ms`;
  const day = iso.slice(0, -14);
  const time = iso.slice(-13).replace(".000Z", "Z");
  const isSameDay =
    besideMs !== undefined && isoTime(besideMs)?.slice(0, -14) === day;
  return isSameDay ? time : `${day} ${time}`;
}

function nameText(visitId: string): string {
  const text = JSON.stringify(visitId);
  return text.length <= 100 ? text : `${text.slice(0, 100)}…"`;
}
