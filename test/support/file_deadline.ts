import process from "node:process";
import { isMainThread } from "node:worker_threads";

// Imported before each file of the whole suite. The runner ends tests that take
// too long, but not the process of a file: one that a failed test keeps alive would
// hold all others up. In good order nothing waits for this timer.

const DEADLINE_MS = 8 * 60_000;

if (isMainThread) {
  setTimeout(() => {
    const minutes = DEADLINE_MS / 60_000;
    const [, file] = process.argv;
    process.stderr.write(`${file} has not ended in ${minutes} min\n`);
    process.exit(1);
  }, DEADLINE_MS).unref();
}
