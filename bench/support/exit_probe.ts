import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { peakRssBytesOf } from "./process_clock.ts";

// Preloaded with `--import` into a measured process: when it ends, it tells
// its parent over file descriptor 3 what it has used, to the microsecond.

/** What a process tells when it ends. */
export interface ExitFigures {
  /** CPU time of all threads. */
  readonly cpuMicros: number;
  readonly peakRssBytes: number;
}

const REPORT_FD = 3;

// Workers load what is preloaded too.
if (isMainThread) process.on("exit", report);

function report(): void {
  const usage = process.resourceUsage();
  const figures: ExitFigures = {
    cpuMicros: usage.userCPUTime + usage.systemCPUTime,
    peakRssBytes: peakRssBytesOf(process.pid),
  };
  writeSync(REPORT_FD, JSON.stringify(figures));
}
