import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { cpuSecondsOf } from "./process_clock.ts";

const STEP_MS = 500;
/** A broker that uses less than so much of a core has nothing left to do. */
const QUIET_CORES = 0.05;
const STEPS_MAX = 40;

/** Waits until what was written is on the disks. */
export async function syncDisks(): Promise<void> {
  await promisify(execFile)("sync");
}

/**
 * Waits until the run before has left nothing to do, to the disk or to the
 * broker: pages are written back, code is compiled, files are rolled.
 */
export async function settle(brokerPid: number): Promise<void> {
  await syncDisks();
  for (let step = 0; step < STEPS_MAX; step++) {
    const before = cpuSecondsOf(brokerPid);
    await sleep(STEP_MS);
    const cores = (cpuSecondsOf(brokerPid) - before) / (STEP_MS / 1000);
    if (cores < QUIET_CORES) return;
  }
}
