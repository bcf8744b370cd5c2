import { endMsOf, ticketOf, unfiredOf } from "../session/session.ts";

/*
 * What each session waits for: its end while it holds visits that were never
 * part of a firing, and else its end plus the allowed lateness, to be
 * forgotten.
 */
const STATE: usize = memory.data(32, 16);
const GAP_MS: usize = 0;
const LATENESS_MS: usize = 8;
const WATERMARK_MS: usize = 16;

/** Sets the parameters of the windows, both in ms. */
export function setWindow(gapMs: f64, latenessMs: f64): void {
  store<f64>(STATE, gapMs, GAP_MS);
  store<f64>(STATE, latenessMs, LATENESS_MS);
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
  return unfiredOf(session) > 0
    ? lastMs
    : lastMs + load<f64>(STATE, LATENESS_MS);
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
