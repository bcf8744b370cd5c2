import { subscribe } from "node:diagnostics_channel";
import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import type { CommitMoment } from "../../src/checkpoint/commit_points.ts";
import { peakRssBytesOf } from "./process_clock.ts";

// Preloaded with `--import` into a measured process: it tells its parent over
// file descriptor 3, a line each, when the visits of a commit were applied, and
// when it ends what it has used, to the microsecond.

/** Tells that all visits which a commit covers have been applied. */
export interface AppliedMoment {
  /** Wall clock. */
  readonly appliedAtMs: number;
}

/** What a process tells when it ends. */
export interface ExitFigures {
  /** CPU time of all threads. */
  readonly cpuMicros: number;
  readonly peakRssBytes: number;
}

const REPORT_FD = 3;

// Workers load what is preloaded too.
if (isMainThread) {
  process.on("exit", report);
  subscribe("sessionmill:commit", (message) => {
    const { point, when } = message as CommitMoment;
    if (point !== "barrier" || when !== "after") return;
    tell({ appliedAtMs: Date.now() });
  });
}

function report(): void {
  const usage = process.resourceUsage();
  tell({
    cpuMicros: usage.userCPUTime + usage.systemCPUTime,
    peakRssBytes: peakRssBytesOf(process.pid),
  });
}

function tell(what: AppliedMoment | ExitFigures): void {
  writeSync(REPORT_FD, `${JSON.stringify(what)}\n`);
}
