import { subscribe } from "node:diagnostics_channel";
import process from "node:process";
import { isMainThread } from "node:worker_threads";

// Preloaded with `--import`: kills this process before or after a point of a
// commit, the n-th time it comes there. STORM_KILL_POINT is "point:when:n".

const [point, when, times] = (process.env.STORM_KILL_POINT ?? "").split(":");
let left = Number(times);

// Workers load what is preloaded too.
if (isMainThread) subscribe("sessionmill:commit", killThere);

function killThere(message: unknown): void {
  const at = message as { readonly point: string; readonly when: string };
  if (at.point !== point || at.when !== when || --left > 0) return;
  process.kill(process.pid, "SIGKILL");
}
