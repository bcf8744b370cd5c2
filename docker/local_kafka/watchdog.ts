import { spawn } from "node:child_process";
import type { Socket } from "node:net";

/** Waits in a small process of its own for the death of this one. */
export interface Watchdog {
  /** Ends it: there is nothing left to watch. */
  dismiss(): void;
}

/** A process that is still ending may write files behind the removal's back. */
const SCRIPT = `cat >/dev/null; kill -9 "$1" 2>/dev/null
for i in 1 2 3 4 5 6 7 8 9; do kill -0 "$1" 2>/dev/null && sleep 0.2; done
rm -rf "$2"`;

/**
 * Sees to it that process `pid` is killed and `folder` removed when this
 * process ends, however it ends: its end of the pipe closes even on a crash.
 */
export function watchParent(pid: number | undefined, folder: string): Watchdog {
  if (pid === undefined) return { dismiss: () => {} };
  const dog = spawn("sh", ["-c", SCRIPT, "sh", String(pid), folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  dog.unref();
  (dog.stdin as Socket).unref();
  return { dismiss: () => dog.kill("SIGKILL") };
}
