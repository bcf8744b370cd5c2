import { readFileSync } from "node:fs";

export { cpuSecondsOf } from "../../src/load/process_cpu.ts";

const KIB = 1024;

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
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const match = new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status);
  return Number(match?.[1] ?? Number.NaN) * KIB;
}
