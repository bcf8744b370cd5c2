import { readFileSync } from "node:fs";

const KIB = 1024;
/** USER_HZ: the same on every Linux that Node.js runs on. */
const CLOCK_TICKS_PER_SECOND = 100;

/** CPU seconds that a live process has used so far, all threads together. */
export function cpuSecondsOf(pid: number): number {
  // Fields count from the closing bracket: the name before may hold anything.
  const [, fields] = readText(`/proc/${pid}/stat`).split(") ");
  const values = fields!.split(" ");
  return (Number(values[11]) + Number(values[12])) / CLOCK_TICKS_PER_SECOND;
}

/** The memory that a live process has resident now, bytes. */
export function rssBytesOf(pid: number): number {
  return statusBytes(pid, "VmRSS");
}

/**
 * The most memory that a live process ever had resident, bytes. Not `maxRSS`
 * of `resourceUsage()`: a child starts with the peak of its parent there.
 */
export function peakRssBytesOf(pid: number): number {
  return statusBytes(pid, "VmHWM");
}

function statusBytes(pid: number, name: string): number {
  const status = readText(`/proc/${pid}/status`);
  const match = new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status);
  return Number(match?.[1] ?? Number.NaN) * KIB;
}

function readText(path: string): string {
  return readFileSync(path, "latin1");
}
