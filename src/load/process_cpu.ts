import { readFileSync } from "node:fs";

/** USER_HZ: the same on every Linux that Node.js runs on. */
const CLOCK_TICKS_PER_SECOND = 100;

/** CPU seconds that a live process has used so far, all threads together. Throws where there is no such process, or no /proc. */
export function cpuSecondsOf(pid: number): number {
  // Fields count from the closing bracket: the name before may hold anything.
  const [, fields] = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ");
  const values = fields!.split(" ");
  return (Number(values[11]) + Number(values[12])) / CLOCK_TICKS_PER_SECOND;
}
