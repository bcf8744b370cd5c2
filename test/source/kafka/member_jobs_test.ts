import assert from "node:assert/strict";
import { test } from "node:test";
import type { MemberJob } from "../../../src/source/kafka/member_jobs.ts";
import { KafkaSourceRun } from "../../support/kafka_source_run.ts";
import { testKafka } from "../../support/test_kafka.ts";
import { waitUntil } from "../../support/wait_until.ts";

const { brokers, newTopic } = await testKafka();

const EXACTLY_ONCE: MemberJob = { guarantee: "exactly-once", to: "sessions" };
const COMMITTING_NOTHING: MemberJob = { guarantee: "none", to: "sessions" };

/** Makes members of one group that read one topic. */
async function membersOf(t: test.TestContext) {
  const topic = await newTopic("shared", { partitions: 2 });
  const options = { topic, bounded: false, group: `group-of-${topic}` };
  return (job?: MemberJob) => {
    const run = new KafkaSourceRun(brokers, {
      ...options,
      ...(job === undefined ? {} : { job }),
    });
    t.after(() => run.source.close());
    return run;
  };
}

for (const [first, second] of [
  [EXACTLY_ONCE, COMMITTING_NOTHING],
  [COMMITTING_NOTHING, EXACTLY_ONCE],
] as const) {
  test(`KafkaSource with guarantee ${second.guarantee} does not join those with ${first.guarantee}`, async (t) => {
    const member = await membersOf(t);
    const old = member(first);
    await old.start();
    await waitUntil(() => old.owned.length === 2);
    const newcomer = member(second);
    await newcomer.start();
    await assert.rejects(newcomer.ended(), {
      name: "WorldError",
      message: new RegExp(
        `^Cannot join group ".*": it has members that read ".*" with --guarantee ${first.guarantee}, .*--guarantee ${second.guarantee} .*--group`,
      ),
    });
    assert.deepEqual(newcomer.events, []);
    await newcomer.source.close();
    const said = new RegExp(
      `with --guarantee ${second.guarantee}, this process`,
    );
    await waitUntil(() => old.warnings.some((each) => said.test(each)));
    await waitUntil(() => old.owned.length === 2);
  });
}

test("KafkaSource tells of members whose sessions go to another topic, on both sides", async (t) => {
  const member = await membersOf(t);
  const old = member(EXACTLY_ONCE);
  await old.start();
  await waitUntil(() => old.owned.length === 2);
  const newcomer = member({ ...EXACTLY_ONCE, to: "others" });
  await newcomer.start();
  await waitUntil(() => newcomer.owned.length === 1 && old.owned.length === 1);
  const tells = (run: KafkaSourceRun, theirs: string, own: string) => {
    const text = `to topic "${theirs}", this process to topic "${own}": neither has them all`;
    return run.warnings.filter((each) => each.includes(text)).length;
  };
  assert.equal(tells(old, "others", "sessions"), 1);
  assert.equal(tells(newcomer, "sessions", "others"), 1);
});

test("KafkaSource says nothing of members that do the same, or do not tell", async (t) => {
  const member = await membersOf(t);
  const runs = [member(EXACTLY_ONCE), member(EXACTLY_ONCE), member()];
  for (const run of runs) await run.start();
  await waitUntil(
    () => runs.filter(({ owned }) => owned.length === 1).length === 2,
  );
  assert.deepEqual(
    runs.flatMap(({ warnings }) => warnings),
    [],
  );
});
