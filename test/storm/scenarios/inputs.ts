import { setTimeout as sleep } from "node:timers/promises";
import type { Admin } from "kafkajs";
import { waitUntil } from "../../support/wait_until.ts";
import { withAdmin } from "../read_evidence.ts";
import type { StormScenario } from "../scenario.ts";
import type { Storm } from "../storm.ts";
import { KILLS, lifeOptions } from "./kills.ts";

const POISON_PERCENT = 5;
const KILLS_SHARE = 0.1;
const PARTITIONS_MAX = 8;
const STEP_MS = 4000;

/** Kills, while one record in twenty is no visit. */
export const POISON: StormScenario = {
  name: "poison",
  says: "SIGKILLs, with 5 % records that are no visits, of every kind",
  load: { poisonPercent: POISON_PERCENT },
  act: (storm, scale) =>
    KILLS.act(storm, { ...scale, kills: fewer(scale.kills) }),
};

/** Partitions are added to the topic of visits, amid kills. */
export const PARTITIONS_ADDED: StormScenario = {
  name: "partitions-added",
  says: "partitions are added to the topic of visits, amid SIGKILLs",
  async act(storm, scale) {
    let life = storm.live(lifeOptions(scale, 0));
    const { partitions: first = 3 } = storm.options;
    for (let count = first + 1; count <= PARTITIONS_MAX; count++) {
      await storm.progress();
      await sleep(storm.random.below(STEP_MS));
      await growTo(storm, count);
      await sleep(storm.random.below(STEP_MS));
      await storm.kill(life);
      life = storm.live(lifeOptions(scale, count));
    }
  },
};

export async function growTo(storm: Storm, count: number): Promise<void> {
  const topicPartitions = [{ topic: storm.topics.visits, count }];
  await withAdmin(storm.options.broker.brokers, async (admin) => {
    await admin.createPartitions({ topicPartitions });
    await waitUntil(() => haveLeaders(admin, topicPartitions[0]!));
  });
  storm.load.growTo(count);
  storm.tell(`${count} partitions`);
}

async function haveLeaders(
  admin: Admin,
  { topic, count }: { topic: string; count: number },
): Promise<boolean> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const partitions = topics[0]!.partitions;
  return partitions.filter(({ leader }) => leader >= 0).length === count;
}

/** Each visitor's visits come from all partitions, and these change hands. */
export const SCATTERED: StormScenario = {
  name: "scattered",
  says: "visits of a visitor in all partitions, processes come, go, are killed",
  load: { isScattered: true },
  async act(storm, scale) {
    let first = storm.live({ ...lifeOptions(scale, 0), instance: "first" });
    for (let time = 0; time < fewer(scale.kills); time++) {
      await storm.progress();
      const second = storm.live({ instance: null });
      await sleep(STEP_MS + storm.random.below(STEP_MS));
      await storm.kill(first);
      first = storm.live({ ...lifeOptions(scale, time), instance: "first" });
      await sleep(STEP_MS + storm.random.below(STEP_MS));
      await storm.stop(second);
    }
  },
};

function fewer(kills: number): number {
  return Math.max(2, Math.round(kills * KILLS_SHARE));
}
