import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "../../e2e/command.ts";
import { waitUntil } from "../../support/wait_until.ts";
import type { StormScenario } from "../scenario.ts";
import type { Storm } from "../storm.ts";

const PRELOAD = new URL("../preload/shard_fault.ts", import.meta.url).href;
const SHARD_TIMEOUT = "5s";
/** So small that a thread is soon through with it. */
const HEAP_MB = 256;
const FAULT_WITHIN_MS = 60_000;
/** After so many faults within a minute a job gives up. */
const FAULTS_MAX = 3;

/** A shard of two throws, exits, runs out of memory, hangs: the job goes on. */
export const SHARD_FAULTS: StormScenario = {
  name: "shard-faults",
  says: "a shard throws, exits, exhausts its memory, hangs",
  async act(storm) {
    for (const fault of ["throw", "exit", "memory", "hang"]) {
      await inFolder(async (folder) => {
        const files = [join(folder, "first")];
        const life = startFaulty(storm, { fault, files });
        // Of an exhausted heap Node may end the whole process.
        if (fault === "memory") storm.endIsExpected(life);
        await waitUntil(() => existsSync(files[0]!), {
          timeoutMs: FAULT_WITHIN_MS,
        });
        const isAlive = await goesOn(storm, life);
        storm.tell(`${fault}: ${isAlive ? "recovered in place" : "ended"}`);
        const next = isAlive ? life : storm.live();
        await storm.progress();
        await storm.stop(next);
      });
    }
    storm.live();
  },
};

/** The third fault in a minute ends the job, with a sentence. */
export const SHARD_FAULTS_TOO_MANY: StormScenario = {
  name: "shard-faults-too-many",
  says: "a shard throws three times in a minute: the job ends",
  async act(storm) {
    await inFolder(async (folder) => {
      const files = ["1", "2", "3"].map((name) => join(folder, name));
      const life = startFaulty(storm, { fault: "throw", files, workers: 1 });
      storm.endIsExpected(life);
      const late = setTimeout(() => life.kill("SIGKILL"), FAULT_WITHIN_MS);
      const { exitCode, stderr } = await life.gone();
      clearTimeout(late);
      storm.tell(`ended with ${exitCode}: ${stderr.trim().split("\n").at(-1)}`);
      const had = files.filter((file) => existsSync(file)).length;
      if (exitCode !== 1 || had !== FAULTS_MAX) {
        storm.failed(`exit code ${exitCode} after ${had} faults: ${stderr}`);
      }
    });
    storm.live();
  },
};

function startFaulty(
  storm: Storm,
  options: { fault: string; files: readonly string[]; workers?: number },
) {
  const { fault, files, workers = 2 } = options;
  return storm.live({
    workers,
    flags: ["--shard-timeout", SHARD_TIMEOUT],
    environment: {
      NODE_OPTIONS: `--import ${PRELOAD} --max-old-space-size=${HEAP_MB}`,
      STORM_FAULT: fault,
      STORM_FAULT_FILES: files.join(","),
    },
  });
}

/** Resolves to whether it reads its windows once more, or is over. */
async function goesOn(storm: Storm, life: Command): Promise<boolean> {
  const restores = () => life.stderr.match(/ came back in /g)?.length ?? 0;
  await waitUntil(() => !storm.lives.has(life) || restores() >= 2, {
    timeoutMs: FAULT_WITHIN_MS,
  });
  return storm.lives.has(life);
}

async function inFolder(work: (folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), "sessionmill-storm-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
