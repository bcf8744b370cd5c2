import { writeFileSync } from "node:fs";
import process from "node:process";
import { inLaterTask } from "../../e2e/preload/in_later_task.ts";

// Preloaded with `--import`: a fault amid a task of one shard's thread. Each is
// had once for each file of STORM_FAULT_FILES (comma-joined) that is not there.

const FAULTS: Readonly<Record<string, () => void>> = {
  throw() {
    throw new Error("the shard is broken");
  },
  exit() {
    process.exit(1);
  },
  /** More than the thread may have: Node ends it, or the whole process. */
  memory() {
    const held: unknown[] = [];
    for (;;) held.push(new Array(10_000).fill({}));
  },
  hang() {
    for (;;) Math.random();
  },
};

const { STORM_FAULT, STORM_FAULT_FILES = "" } = process.env;
const files = STORM_FAULT_FILES.split(",");

inLaterTask(() => {
  if (claimsFile()) FAULTS[STORM_FAULT!]!();
});

/** Makes the next file; false when another life has made them all. */
function claimsFile(): boolean {
  for (let file = files.shift(); file !== undefined; file = files.shift()) {
    try {
      writeFileSync(file, "", { flag: "wx" });
      return true;
    } catch {
      // This one was had.
    }
  }
  return false;
}
