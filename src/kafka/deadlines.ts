import { setTimeout as sleep } from "node:timers/promises";

/** Resolves when the work is over, however it ended, or after so long, ms. */
export async function settledWithin(
  work: Promise<unknown>,
  ms: number,
): Promise<void> {
  const deadline = new AbortController();
  const late = sleep(ms, undefined, deadline).catch(() => {});
  await Promise.race([work.catch(() => {}), late]);
  deadline.abort();
}

/** What the work gives; rejects with the signal's reason once that is aborted. */
export async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** A stopping run waits so long, ms, for what is in trouble, … */
const STOP_IN_TROUBLE_MS = 5_000;
/** … and so long, ms, for what is merely slow. */
const STOP_LATEST_MS = 14_000;

/** True when a run that was to stop so long ago, ms, waits no longer. */
export function isStopOver(forMs: number, isInTrouble: boolean): boolean {
  return forMs >= (isInTrouble ? STOP_IN_TROUBLE_MS : STOP_LATEST_MS);
}
