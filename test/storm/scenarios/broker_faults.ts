import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { StormScenario } from "../scenario.ts";
import type { Storm } from "../storm.ts";
import { lifeOptions } from "./kills.ts";

const RESTARTS_MAX = 3;
const FROZEN_MS = 45_000;
const BETWEEN_MS = 5000;

/** The broker goes and comes back; the process is the same all the time. */
export const BROKER_RESTARTS: StormScenario = {
  name: "broker-restarts",
  says: "the broker stops and starts again in good order",
  act: (storm, { kills }) => restart(storm, { kill: false, kills }),
};

/** The same the hard way. */
export const BROKER_KILLS: StormScenario = {
  name: "broker-kills",
  says: "the broker is killed and started again",
  act: (storm, { kills }) => restart(storm, { kill: true, kills }),
};

/** A broker that takes connections and answers nothing. */
export const BROKER_FROZEN: StormScenario = {
  name: "broker-frozen",
  says: "the broker is frozen for 45 s (SIGSTOP)",
  async act(storm, scale) {
    storm.live(lifeOptions(scale, 1));
    await storm.progress();
    const { pid } = storm.options.broker;
    process.kill(pid, "SIGSTOP");
    await sleep(FROZEN_MS);
    process.kill(pid, "SIGCONT");
    await storm.progress();
  },
};

async function restart(
  storm: Storm,
  { kill, kills }: { kill: boolean; kills: number },
): Promise<void> {
  storm.live({ workers: 2 });
  const times = Math.min(RESTARTS_MAX, kills);
  for (let time = 1; time <= times; time++) {
    await storm.progress();
    await sleep(storm.random.below(BETWEEN_MS));
    const startedAtMs = performance.now();
    await storm.options.broker.restart({ kill });
    await storm.progress();
    const tookMs = Math.round(performance.now() - startedAtMs);
    storm.tell(`restart ${time}: next commit ${tookMs} ms after its end`);
  }
}
