import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { GroupSeat } from "../../../src/kafka/group_seat.ts";
import { KafkaSourceRun } from "../../support/kafka_source_run.ts";
import { startMember } from "../../support/killed_member.ts";
import { testKafka } from "../../support/test_kafka.ts";
import { waitUntil } from "../../support/wait_until.ts";

/** The shortest that brokers allow. */
const SESSION_TIMEOUT_MS = 6_000;

const { brokers, newTopic } = await testKafka();

/** A member of the topic's group, static if it has a name. */
function memberOf(
  t: TestContext,
  topic: string,
  options: { instance?: string; seat?: GroupSeat | null } = {},
): KafkaSourceRun {
  const { instance = null, seat = null } = options;
  const run = new KafkaSourceRun(brokers, {
    ...{ topic, bounded: false, seat, restartsAll: true },
    source: { instance, sessionTimeoutMs: SESSION_TIMEOUT_MS },
  });
  t.after(() => run.source.close());
  return run;
}

/** The end of a member whose seat another process holds. */
function sameName(topic: string): { name: string; message: string } {
  return {
    name: "WorldError",
    message:
      `Cannot stay in group "group-of-${topic}": another process has joined ` +
      'it as instance "same" too; give each process an --instance of its own',
  };
}

test("KafkaSource, static, is back in its seat, and the other member notices nothing", async (t) => {
  const topic = await newTopic("static", { partitions: 2 });
  const [a, b] = ["a", "b"].map((instance) => memberOf(t, topic, { instance }));
  await a!.start();
  await b!.start();
  await waitUntil(() => a!.owned.length === 1 && b!.owned.length === 1);
  const count = a!.assignments.length;
  await b!.close();
  const again = memberOf(t, topic, { instance: "b" });
  await again.start();
  await waitUntil(() => again.assignments.length === 1);
  assert.deepEqual(again.owned, b!.owned);
  assert.equal(again.seat?.groupInstanceId, "b");
  assert.equal(again.seat?.generationId, b!.seat?.generationId);
  assert.notEqual(again.seat?.memberId, b!.seat?.memberId);
  await sleep(2_500);
  assert.equal(a!.assignments.length, count);
  assert.equal(a!.seat?.generationId, again.seat?.generationId);
});

test("KafkaSource, static, is killed and back before the other member notices", async (t) => {
  const topic = await newTopic("killed-static", { partitions: 2 });
  const survivor = memberOf(t, topic, { instance: "survivor" });
  await survivor.start();
  const options = {
    ...{ brokers, topic, instance: "killed" },
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
  };
  const first = startMember(options);
  t.after(() => first.kill());
  const before = await first.assigned;
  await waitUntil(() => survivor.owned.length === 1);
  const count = survivor.assignments.length;
  await first.kill();
  const second = startMember(options);
  t.after(() => second.kill());
  const after = await second.assigned;
  assert.deepEqual(after.partitions, before.partitions);
  assert.equal(after.seat.generationId, before.seat.generationId);
  assert.equal(survivor.assignments.length, count);
});

test("KafkaSource, dynamic, is killed: the other member has its partitions when the session ends", async (t) => {
  const topic = await newTopic("killed-dynamic", { partitions: 2 });
  const survivor = memberOf(t, topic);
  await survivor.start();
  const killed = startMember({
    ...{ brokers, topic, instance: null },
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
  });
  t.after(() => killed.kill());
  await killed.assigned;
  await waitUntil(() => survivor.owned.length === 1);
  const { seat } = survivor;
  await killed.kill();
  const killedAtMs = performance.now();
  await waitUntil(() => survivor.owned.length === 2);
  const lostMs = performance.now() - killedAtMs;
  assert.ok(lostMs > SESSION_TIMEOUT_MS - 1_500, `after ${lostMs} ms`);
  assert.equal(survivor.seat?.memberId, seat?.memberId);
  assert.ok(survivor.seat!.generationId > seat!.generationId);
  // All of what it owns restarts, also what it had.
  assert.deepEqual(survivor.assignments.at(-1)?.restarted, [0, 1]);
});

test("KafkaSource ends when another process lives under its instance name", {
  timeout: 40_000,
}, async (t) => {
  const topic = await newTopic("same-name", { partitions: 2 });
  const first = memberOf(t, topic, { instance: "same" });
  await first.start();
  await waitUntil(() => first.owned.length === 2);
  const second = memberOf(t, topic, { instance: "same" });
  await second.start();
  await waitUntil(() => second.owned.length === 2);
  // Each takes the seat back once: the other could have been killed.
  await assert.rejects(first.ended(), sameName(topic));
  assert.match(
    first.warnings.join(),
    /as instance "same": takes the seat back/,
  );
  await first.source.close();
  // Nor does it come back in a life that begins with the old seat.
  const life = memberOf(t, topic, { instance: "same", seat: first.seat });
  await life.start();
  await assert.rejects(life.ended(), sameName(topic));
  await sleep(2_500);
  assert.equal(first.assignments.length, 2);
  assert.equal(second.assignments.length, 2);
  assert.deepEqual(second.owned, [0, 1]);
});

test("KafkaSource takes its seat back from a process that was killed, once", async (t) => {
  const topic = await newTopic("late-join", { partitions: 2 });
  const run = memberOf(t, topic, { instance: "same" });
  await run.start();
  await waitUntil(() => run.owned.length === 2);
  const { seat } = run;
  const killed = {
    ...{ brokers, topic, instance: "same" },
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
  };
  const late = startMember(killed);
  t.after(() => late.kill());
  await late.assigned;
  await late.kill();
  await waitUntil(() => run.assignments.length === 2);
  assert.deepEqual(run.owned, [0, 1]);
  assert.notEqual(run.seat?.memberId, seat?.memberId);
  assert.equal(run.warnings.length, 1, run.warnings.join());
  const again = startMember(killed);
  t.after(() => again.kill());
  await assert.rejects(run.ended(), sameName(topic));
});

test("KafkaSource takes up its static seat in the same process again", async (t) => {
  const topic = await newTopic("next-life", { partitions: 2 });
  const first = memberOf(t, topic, { instance: "a" });
  await first.start();
  await waitUntil(() => first.owned.length === 2);
  await first.close();
  const next = memberOf(t, topic, { instance: "a", seat: first.seat });
  await next.start();
  await waitUntil(() => next.owned.length === 2);
  assert.equal(next.seat?.memberId, first.seat?.memberId);
});

test("KafkaSource keeps its seat until the hook before a rejoin is done", async (t) => {
  const topic = await newTopic("hook", { partitions: 2 });
  const first = memberOf(t, topic);
  const second = memberOf(t, topic);
  const called = Promise.withResolvers<GroupSeat | null>();
  const done = Promise.withResolvers<void>();
  first.source.onRejoin?.(async () => {
    called.resolve(first.seat);
    await done.promise;
  });
  await first.start();
  await waitUntil(() => first.owned.length === 2);
  await second.start();
  const before = await called.promise;
  // Longer than a session without a heartbeat.
  await sleep(SESSION_TIMEOUT_MS + 1_500);
  assert.equal(first.assignments.length, 1);
  assert.equal(second.assignments.length, 0);
  done.resolve();
  await waitUntil(() => first.owned.length === 1 && second.owned.length === 1);
  assert.equal(first.seat?.memberId, before?.memberId);
  assert.ok(first.seat!.generationId > before!.generationId);
  // Kept with the assignment that it was made for.
  assert.deepEqual(first.assignments[0]?.seat, before);
});

test("KafkaSource closes at once while a hook before a rejoin waits", async (t) => {
  const topic = await newTopic("hook-close", { partitions: 2 });
  const first = memberOf(t, topic);
  const second = memberOf(t, topic);
  const called = Promise.withResolvers<void>();
  first.source.onRejoin?.(() => {
    called.resolve();
    return new Promise(() => {});
  });
  await first.start();
  await waitUntil(() => first.owned.length === 2);
  await second.start();
  await called.promise;
  const startMs = performance.now();
  await first.close();
  assert.ok(performance.now() - startMs < 1_400, "before the deadline");
  // It has left, so that nobody waits for its session to end.
  await waitUntil(() => second.owned.length === 2, { timeoutMs: 3_000 });
});
