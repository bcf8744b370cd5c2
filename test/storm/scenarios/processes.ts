import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "../../e2e/command.ts";
import type { StormScenario } from "../scenario.ts";
import type { Storm } from "../storm.ts";
import { lifeOptions } from "./kills.ts";

const CHANGES_SHARE = 0.1;
const STEP_MS = 10_000;
const PROCESSES_MAX = 3;
/** The session timeout of a storm, and what it takes to hand over. */
const ZOMBIE_MS = 20_000;
const FENCED_WITHIN_MS = 30_000;

/** One, two or three processes: one joins or leaves every 10 s. */
export const PROCESSES: StormScenario = {
  name: "processes",
  says: "one of up to three processes joins or leaves every 10 s",
  async act(storm, scale) {
    const changes = Math.max(2, Math.round(scale.kills * CHANGES_SHARE));
    storm.live({ ...lifeOptions(scale, 0), instance: "0" });
    for (let change = 1; change <= changes; change++) {
      await sleep(STEP_MS);
      await joinOrLeave(storm, { change, workers: lifeOptions(scale, change) });
    }
  },
};

async function joinOrLeave(
  storm: Storm,
  { change, workers }: { change: number; workers: { workers?: number } },
): Promise<void> {
  const living = [...storm.lives];
  const joins =
    living.length === 1 ||
    (living.length < PROCESSES_MAX && storm.random.below(2) === 0);
  if (joins) {
    // Some have no name, and leave when they stop.
    const isNamed = storm.random.below(2) === 0;
    const instance = isNamed ? `${change}` : null;
    storm.live({ ...workers, instance });
    storm.tell(`change ${change}: ${living.length + 1} processes`);
    return;
  }
  const leaving: Command = storm.random.pick(living);
  if (storm.random.below(2) === 0) await storm.kill(leaving);
  else await storm.stop(leaving);
  storm.tell(`change ${change}: ${living.length - 1} processes`);
}

/** A process that sleeps past its session, while the other takes over. */
export const ZOMBIE: StormScenario = {
  name: "zombie",
  says: "SIGSTOP past the session timeout, others take over, SIGCONT",
  async act(storm, scale) {
    const times = Math.max(1, Math.round(scale.kills / 50));
    const sleeper = storm.live({ instance: "sleeper" });
    await storm.progress();
    storm.live({ instance: "other", workers: 2 });
    for (let time = 0; time < times; time++) {
      await sleep(STEP_MS / 2 + storm.random.below(STEP_MS / 2));
      sleeper.kill("SIGSTOP");
      await sleep(ZOMBIE_MS);
      await storm.progressEverywhere();
      sleeper.kill("SIGCONT");
      await sleep(STEP_MS);
      await storm.progressEverywhere();
      storm.tell(`time ${time + 1}: the sleeper was awake again`);
    }
  },
};

/** Two processes with one name: one of them goes, with a sentence. */
export const SAME_NAME: StormScenario = {
  name: "same-name",
  says: "two processes with one instance name: one ends with a sentence",
  async act(storm) {
    const both = [storm.live(), null];
    await storm.progress();
    both[1] = storm.live();
    const ends = both.map((each) => {
      storm.endIsExpected(each!);
      return each!.gone();
    });
    const ended = await Promise.race([
      ...ends,
      sleep(FENCED_WITHIN_MS, null, { ref: false }),
    ]);
    if (ended === null) return storm.failed("both go on with one name");
    storm.tell(`one ended: ${ended.stderr.trim().split("\n").at(-1)}`);
    if (ended.exitCode !== 1 || !/instance/.test(ended.stderr)) {
      storm.failed(`ended with ${ended.exitCode}: ${ended.stderr}`);
    }
    await storm.progressEverywhere();
    if (storm.lives.size !== 1) storm.failed("both have ended");
  },
};

/** A process of the same name takes the seat and is killed: the first goes on. */
export const LATE_JOIN: StormScenario = {
  name: "late-join",
  says: "a killed process's request to join takes the seat: it is taken back",
  async act(storm) {
    // The first has joined for no longer than this.
    const flags = ["--session-timeout", "30s"];
    const living = storm.live({ flags });
    await storm.progress();
    const late = storm.live({ flags });
    await living.until(() => living.stderr.includes("takes the seat back"));
    await storm.kill(late);
    await storm.progressEverywhere();
    storm.tell("the living process has its seat again");
  },
};
