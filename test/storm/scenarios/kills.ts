import { setTimeout as sleep } from "node:timers/promises";
import type { StormScale, StormScenario } from "../scenario.ts";
import type { Storm } from "../storm.ts";
import type { LifeOptions } from "../storm_options.ts";

/** The longest time between two kills; they come evenly within it, ms. */
const LIFE_MAX_MS = 6000;
const WORKING_ONE_IN = 3;
/** Without a name the others wait for the session of who was killed. */
const NAMELESS_KILLS_SHARE = 0.1;

/** Kills a process after any time, starts the next at once, and so on. */
export const KILLS: StormScenario = {
  name: "kills",
  says: "SIGKILL every 0 to 6 s, a named instance, workers change",
  async act(storm, scale) {
    let life = storm.live(lifeOptions(scale, 0));
    for (let kill = 1; kill <= scale.kills; ) {
      // A busy host may take seconds to start one: some do get to work.
      if (kill % WORKING_ONE_IN === 0) await storm.progress();
      await sleep(storm.random.below(LIFE_MAX_MS));
      const backlog = await storm.kill(life);
      storm.tell(`kill ${kill}: ${backlog} visits behind`);
      life = storm.live(lifeOptions(scale, kill));
      // One with nothing to lose does not count.
      if (backlog > 0) kill++;
    }
  },
};

/** The same without `--instance`: each life waits for the session before. */
export const NAMELESS_KILLS: StormScenario = {
  name: "nameless-kills",
  says: "SIGKILL up to 6 s after the first commit, no named instance",
  async act(storm, scale) {
    const kills = Math.max(2, Math.round(scale.kills * NAMELESS_KILLS_SHARE));
    const options = { instance: null };
    let life = storm.live({ ...lifeOptions(scale, 0), ...options });
    for (let kill = 1; kill <= kills; kill++) {
      await storm.progress();
      await sleep(storm.random.below(LIFE_MAX_MS));
      const backlog = await storm.kill(life);
      storm.tell(`kill ${kill}: ${backlog} visits behind`);
      life = storm.live({ ...lifeOptions(scale, kill), ...options });
    }
  },
};

/** Stops and starts in good order. */
export const STOPS: StormScenario = {
  name: "stops",
  says: "SIGTERM every 0 to 6 s, a named instance, workers change",
  async act(storm, scale) {
    for (let stop = 1; stop <= scale.kills; stop++) {
      const life = storm.live(lifeOptions(scale, stop));
      await storm.progress();
      await sleep(storm.random.below(LIFE_MAX_MS));
      await stopAndTell(storm, { life, stop });
    }
    storm.live(lifeOptions(scale, 0));
  },
};

async function stopAndTell(
  storm: Storm,
  { life, stop }: { life: ReturnType<Storm["live"]>; stop: number },
): Promise<void> {
  const startedAtMs = performance.now();
  await storm.stop(life);
  const tookMs = Math.round(performance.now() - startedAtMs);
  storm.tell(`stop ${stop}: ${tookMs} ms`);
}

/** The workers of one life after the other. */
export function lifeOptions(scale: StormScale, life: number): LifeOptions {
  const { workers } = scale;
  return { workers: workers[life % workers.length]! };
}
