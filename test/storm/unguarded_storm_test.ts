import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../support/wait_until.ts";
import { withAdmin } from "./read_evidence.ts";
import { runStorm } from "./run_storm.ts";
import type { StormScenario } from "./scenario.ts";
import { lifeOptions } from "./scenarios/kills.ts";
import type { Storm } from "./storm.ts";

/** So many sessions a life puts out before it is killed. */
const SESSIONS = 40;

/** Each life reads all from the start, and has something to put out twice. */
const UNGUARDED_KILLS: StormScenario = {
  name: "unguarded-kills",
  says: "SIGKILL when sessions were put out",
  async act(storm, scale) {
    for (let kill = 1; kill <= scale.kills; kill++) {
      const before = await sessionsOut(storm);
      const life = storm.live(lifeOptions(scale, kill));
      const hasPutOut = async () =>
        (await sessionsOut(storm)) >= before + SESSIONS;
      await waitUntil(hasPutOut, { timeoutMs: 60_000 });
      await storm.kill(life);
    }
    storm.live(lifeOptions(scale, 0));
  },
};

/** Records in the topic of sessions. */
function sessionsOut({ options, topics }: Storm): Promise<number> {
  return withAdmin(options.broker.brokers, async (admin) => {
    const ends = await admin.fetchTopicOffsets(topics.sessions);
    return ends.reduce((sum, { high }) => sum + Number(high), 0);
  });
}

test("storm: kills without a guarantee are shown to double sessions", async () => {
  const scale = { kills: 2, workers: [1] };
  const { faults, visits } = await runStorm(UNGUARDED_KILLS, scale, {
    ...{ name: "unguarded", seed: 3, guarantee: "none" },
    ratePerSecond: 300,
  });
  const counts = new Map(faults.map(({ check, count }) => [check, count]));
  const found = [...counts].join("\n");
  assert.ok(visits > 1000, `${visits} visits`);
  assert.ok(counts.get("session-id and revision twice")! > 20, found);
  assert.equal(counts.get("lag of the group"), 3, found);
  const unheard = [
    "acknowledged visit not in its topic",
    "visit that nobody sent",
  ];
  assert.deepEqual(
    unheard.filter((check) => counts.has(check)),
    [],
  );
});
