import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./admin_askers.ts";

const POLL_MS = 20;

/**
 * Asks a run again and again for the open session of a visit_id: resolves when it
 * has so many visits, to when that was seen (`performance.now()`); to null when
 * nobody wants to know any more.
 */
export async function untilVisits(
  url: string,
  options: {
    readonly visitId: string;
    readonly visits: number;
    readonly signal: AbortSignal;
  },
): Promise<number | null> {
  const { visitId, visits, signal } = options;
  while (!signal.aborted) {
    const { isGood, body } = await ask(`${url}/sessions/${visitId}`);
    const [session] = isGood ? JSON.parse(body).sessions : [];
    if (session?.visits >= visits) return performance.now();
    await sleep(POLL_MS);
  }
  return null;
}
