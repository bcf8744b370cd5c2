import { setTimeout as sleep } from "node:timers/promises";
import type { StormScale, StormScenario } from "../scenario.ts";
import type { Storm } from "../storm.ts";
import { lifeOptions } from "./kills.ts";

/** Points of a commit, as the job names them, and of a restore. */
const POINTS = [
  ...["first-produce", "barrier", "deltas-sent", "offsets-sent", "end-sent"],
  ...["end-answered", "truncation", "restore"],
];
const MOMENTS = POINTS.flatMap((point) => [
  `${point}:before`,
  `${point}:after`,
]);
/** Between these, what is written becomes valid. */
const FEW_MOMENTS = [
  ...["deltas-sent:after", "offsets-sent:after", "end-sent:after"],
  ...["end-answered:after", "restore:before"],
];
/** Of a storm's kills, so many go to each moment. */
const KILLS_A_MOMENT = 3;
const REACHED_WITHIN_MS = 60_000;
/** A life comes to these once, or seldom. */
const RARE = /^(restore|truncation):/;
const COMMITS_MAX = 8;
const PRELOAD = new URL("../preload/kill_point.ts", import.meta.url).href;

/** Kills before and after each point of a commit, by its name. */
export const KILL_POINTS = killPoints("kill-points", MOMENTS);

/** The same at few of them, for the short form. */
export const FEW_KILL_POINTS = killPoints("few-kill-points", FEW_MOMENTS);

function killPoints(name: string, moments: readonly string[]): StormScenario {
  return {
    name,
    says: "SIGKILL before and after named points of a commit",
    // So much in one log that it is shortened every few seconds.
    load: { partitions: 1, userBytes: 700 },
    async act(storm, scale) {
      // Else there is nothing to restore in the first life.
      const first = storm.live(lifeOptions(scale, 0));
      await storm.progress();
      await storm.kill(first);
      let life = 0;
      for (let time = 0; time < timesOf(scale); time++) {
        for (const moment of moments) {
          await killAt(storm, scale, { moment, life: life++ });
        }
      }
      storm.live(lifeOptions(scale, life));
    },
  };
}

function timesOf({ kills }: StormScale): number {
  return Math.min(KILLS_A_MOMENT, Math.ceil(kills / 60));
}

async function killAt(
  storm: Storm,
  scale: StormScale,
  at: { moment: string; life: number },
): Promise<void> {
  const isRare = RARE.test(at.moment);
  const times = isRare ? 1 : storm.random.between(1, COMMITS_MAX);
  const moment = `${at.moment}:${times}`;
  const life = storm.live({
    ...lifeOptions(scale, at.life),
    environment: {
      NODE_OPTIONS: `--import ${PRELOAD}`,
      STORM_KILL_POINT: moment,
    },
  });
  storm.endIsExpected(life);
  const isOver = life.gone().then(() => true);
  const reached = await Promise.race([isOver, sleep(REACHED_WITHIN_MS, false)]);
  const { exitCode } = reached ? await life.gone() : { exitCode: null };
  if (reached && exitCode === null) return storm.tell(`killed at ${moment}`);
  await storm.kill(life);
  storm.failed(
    `${moment} was not reached: exit code ${exitCode} ${life.stderr}`,
  );
}
