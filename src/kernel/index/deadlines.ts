import { textBytesOf } from "../session/page_text.ts";
import {
  endMsOf,
  revisionOf,
  ticketOf,
  unfiredOf,
} from "../session/session.ts";

/*
 * What each session waits for: its end while it holds visits that were never
 * part of a firing, and else its end plus the allowed lateness, to be
 * forgotten. A session whose re-firing is dear waits for the latter always, and
 * then fires what it has taken in.
 */
const STATE: usize = memory.data(32, 16);
const GAP_MS: usize = 0;
const LATENESS_MS: usize = 8;
const WATERMARK_MS: usize = 16;
const REFIRE_BYTES: usize = 24;

/** Sets the parameters of the windows, in ms, and what re-firing may put out. */
export function setWindow(gapMs: f64, latenessMs: f64, refireBytes: f64): void {
  store<f64>(STATE, gapMs, GAP_MS);
  store<f64>(STATE, latenessMs, LATENESS_MS);
  store<f64>(STATE, refireBytes, REFIRE_BYTES);
}

export function gapMs(): f64 {
  return load<f64>(STATE, GAP_MS);
}

export function watermarkMs(): f64 {
  return load<f64>(STATE, WATERMARK_MS);
}
export function setWatermark(ms: f64): void {
  store<f64>(STATE, ms, WATERMARK_MS);
}

/** Whether the watermark is so far that a window with this end is gone. */
export function isGone(endMs: f64): bool {
  return watermarkMs() >= endMs - 1 + load<f64>(STATE, LATENESS_MS);
}

export function deadlineMsOf(session: usize): f64 {
  const lastMs = endMsOf(session) - 1;
  return unfiredOf(session) > 0 && !isRefireDear(session)
    ? lastMs
    : lastMs + load<f64>(STATE, LATENESS_MS);
}

/**
 * Whether all firings of a session so far, had they been as large as it is now,
 * have put out so much that it fires only once more, when it is gone. It stays
 * so: revision and bytes of a session only grow. A first firing is never dear.
 */
export function isRefireDear(session: usize): bool {
  const firings = revisionOf(session) + 1;
  if (firings === 0) return false;
  const bytes = <f64>firings * <f64>textBytesOf(session);
  return bytes > load<f64>(STATE, REFIRE_BYTES);
}

/** Stands for the deadline of an entry that is void. */
export const VOID: f64 = -Infinity;

/**
 * The deadline that an entry stands for, or `VOID`. The session must not be
 * freed: what its memory is used for next could look like its ticket.
 */
export function deadlineOfEntry(session: usize, ticket: i32): f64 {
  return ticketOf(session) === ticket ? deadlineMsOf(session) : VOID;
}
