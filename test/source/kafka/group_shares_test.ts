import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import kafkajs, { type Assigner, Kafka, logLevel } from "kafkajs";
import { kafkaClients } from "../../support/kafka_clients.ts";
import { KafkaSourceRun } from "../../support/kafka_source_run.ts";
import { testKafka } from "../../support/test_kafka.ts";
import { waitUntil } from "../../support/wait_until.ts";

const { brokers, newTopic } = await testKafka();
const { admin } = kafkaClients(brokers);
const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;

function memberOf(
  t: TestContext,
  topic: string,
  options: { instance?: string; group?: string } = {},
): KafkaSourceRun {
  const { instance = null, group = `group-of-${topic}` } = options;
  const run = new KafkaSourceRun(brokers, {
    ...{ topic, group, bounded: false },
    source: { instance, metadataIntervalMs: 1_000 },
  });
  t.after(() => run.source.close());
  return run;
}

const kept = (run: KafkaSourceRun, before: readonly number[]) =>
  run.owned.every((each) => before.includes(each));

test("KafkaSource keeps its partitions when others join its group and leave", async (t) => {
  const topic = await newTopic("sticky", { partitions: 6 });
  const [a, b, c] = [1, 2, 3].map(() => memberOf(t, topic));
  await a!.start();
  await b!.start();
  await waitUntil(() => a!.owned.length === 3 && b!.owned.length === 3);
  const before = { a: a!.owned, b: b!.owned };
  await c!.start();
  const shares = () => [a!, b!, c!].map(({ owned }) => owned.length);
  await waitUntil(() => shares().every((length) => length === 2));
  assert.ok(kept(a!, before.a) && kept(b!, before.b));
  const owned = [a!, b!, c!].flatMap((run) => run.owned);
  assert.deepEqual(owned.sort(), [0, 1, 2, 3, 4, 5]);
  const amid = { a: a!.owned, b: b!.owned };
  await c!.close();
  await waitUntil(() => a!.owned.length === 3 && b!.owned.length === 3);
  assert.ok(amid.a.every((each) => a!.owned.includes(each)));
  assert.ok(amid.b.every((each) => b!.owned.includes(each)));
});

test("KafkaSource, static, reads partitions that were added while it was away", async (t) => {
  const topic = await newTopic("grown-away", { partitions: 1 });
  const first = memberOf(t, topic, { instance: "a" });
  await first.start();
  await waitUntil(() => first.owned.length === 1);
  await first.close();
  await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
  await sleep(500);
  const next = memberOf(t, topic, { instance: "a" });
  await next.start();
  await waitUntil(() => next.owned.length === 3, { timeoutMs: 8_000 });
  // And that is the end of it.
  const count = next.assignments.length;
  await sleep(2_500);
  assert.equal(next.assignments.length, count);
});

test("KafkaSource, static, reads the topic that it was told to read since", async (t) => {
  const topics = [
    await newTopic("before", { partitions: 2 }),
    await newTopic("since", { partitions: 2 }),
  ] as const;
  const options = { instance: "a", group: `group-of-${topics[0]}` };
  const first = memberOf(t, topics[0], options);
  await first.start();
  await waitUntil(() => first.owned.length === 2);
  await first.close();
  const next = memberOf(t, topics[1], options);
  await next.start();
  await waitUntil(() => next.owned.length === 2, { timeoutMs: 8_000 });
});

/** The assigner of the version before: partitions in turn, and no claims. */
function formerAssigner(partitions: number): Assigner {
  const [name, version] = ["sessionmill-topics", 0];
  const userData = Buffer.alloc(0);
  return {
    ...{ name, version },
    protocol: ({ topics }) => ({
      name,
      metadata: MemberMetadata.encode({ version, topics, userData }),
    }),
    async assign({ members, topics }) {
      const inOrder = members.map(({ memberId }) => memberId).sort();
      const all = Array.from({ length: partitions }, (_, at) => at);
      return inOrder.map((memberId, index) => {
        const share = all.filter((each) => each % inOrder.length === index);
        const assignment = { [topics[0]!]: share };
        const memberAssignment = MemberAssignment.encode({
          ...{ version, assignment, userData },
        });
        return { memberId, memberAssignment };
      });
    },
  };
}

test("KafkaSource shares a topic with members of the version before", async (t) => {
  const topic = await newTopic("upgrade", { partitions: 4 });
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  const former = kafka.consumer({
    groupId: `group-of-${topic}`,
    partitionAssigners: [() => formerAssigner(4)],
    heartbeatInterval: 500,
    maxWaitTimeInMs: 200,
  });
  t.after(() => former.disconnect());
  let ofFormer: readonly number[] = [];
  former.on(former.events.GROUP_JOIN, ({ payload }) => {
    ofFormer = payload.memberAssignment[topic] ?? [];
  });
  await former.connect();
  await former.subscribe({ topic });
  await former.run({ eachMessage: async () => {} });
  await waitUntil(() => ofFormer.length === 4);
  // The former one leads at first, the later ones when it has left.
  const [a, b] = [1, 2].map(() => memberOf(t, topic));
  await a!.start();
  await waitUntil(() => a!.owned.length === 2 && ofFormer.length === 2);
  assert.deepEqual([...a!.owned, ...ofFormer].sort(), [0, 1, 2, 3]);
  await former.disconnect();
  await waitUntil(() => a!.owned.length === 4);
  await b!.start();
  await waitUntil(() => a!.owned.length === 2 && b!.owned.length === 2);
});
