import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../src/errors.ts";
import { readArrivals } from "../src/load/read_arrivals.ts";
import type { ReaderMessage } from "../src/load/session_arrival.ts";

// The thread that reads the sessions of a load: what it does must not hold up
// the visits that are due.

const post = (message: ReaderMessage, transfer: readonly ArrayBuffer[] = []) =>
  parentPort!.postMessage(message, [...transfer]);

try {
  const end = await readArrivals(workerData, post);
  parentPort!.once("message", async () => {
    await end().catch(() => {});
    post({ kind: "over" });
    parentPort!.close();
  });
  post({ kind: "ready" });
} catch (error) {
  post({ kind: "failed", reason: messageOf(error) });
}
