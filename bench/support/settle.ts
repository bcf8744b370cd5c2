import { setTimeout as sleep } from "node:timers/promises";

const SETTLE_MS = 2000;

/** Waits until the broker has written what the run before has left to it. */
export async function settle(): Promise<void> {
  await sleep(SETTLE_MS);
}
