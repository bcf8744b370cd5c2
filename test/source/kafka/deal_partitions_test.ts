import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import kafkajs from "kafkajs";
import {
  type Claimant,
  dealPartitions,
} from "../../../src/source/kafka/deal_partitions.ts";
import {
  dealtCount,
  topicAssigner,
} from "../../../src/source/kafka/topic_assigner.ts";

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

function claim(
  memberId: string,
  partitions: readonly number[],
  generation = 1,
): Claimant {
  return { memberId, generation, partitions };
}

function dealt(count: number, ...claims: Claimant[]): Record<string, unknown> {
  return Object.fromEntries(dealPartitions(upTo(count), claims));
}

test("dealPartitions() deals in turn when nobody has anything", () => {
  const none = ["b", "a"].map((each) => claim(each, [], -1));
  assert.deepEqual(dealt(5, ...none), { a: [0, 2, 4], b: [1, 3] });
});

test("dealPartitions() takes from each no more than a newcomer gets", () => {
  const claims = [claim("a", [0, 1, 2]), claim("b", [3, 4, 5]), claim("c", [])];
  assert.deepEqual(dealt(6, ...claims), { a: [0, 1], b: [3, 4], c: [2, 5] });
});

test("dealPartitions() gives the partitions of one that left to the others", () => {
  const claims = [claim("a", [0, 1]), claim("c", [4, 5])];
  assert.deepEqual(dealt(6, ...claims), { a: [0, 1, 2], c: [3, 4, 5] });
});

test("dealPartitions() believes the member of the later generation", () => {
  const claims = [claim("a", [0, 1], 7), claim("b", [0, 1], 8)];
  assert.deepEqual(dealt(4, ...claims), { a: [2, 3], b: [0, 1] });
});

const claimants = fc.uniqueArray(
  fc.record({
    memberId: fc.string({ minLength: 1, maxLength: 3 }),
    generation: fc.integer({ min: -1, max: 4 }),
    partitions: fc.uniqueArray(fc.integer({ min: -2, max: 14 })),
  }),
  { selector: ({ memberId }) => memberId, minLength: 1, maxLength: 6 },
);

test("dealPartitions() deals all partitions, in equal shares, and moves none that need not move", () => {
  fc.assert(
    fc.property(fc.nat(12), claimants, (count, claims) => {
      const shares = dealPartitions(upTo(count), claims);
      const all = [...shares.values()].flat().sort((a, b) => a - b);
      assert.deepEqual(all, upTo(count));
      const sizes = [...shares.values()].map(({ length }) => length);
      assert.equal(sizes.length, claims.length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      // Dealt out again among the same members, nothing moves.
      const again = claims.map(({ memberId }) =>
        claim(memberId, shares.get(memberId)!),
      );
      assert.deepEqual(dealPartitions(upTo(count), again), shares);
      // Who loses one that it alone had is left with a full share.
      const share = Math.floor(count / claims.length);
      for (const { memberId, partitions } of claims) {
        const others = claims.filter((each) => each.memberId !== memberId);
        const own = partitions.filter(
          (each) =>
            each >= 0 &&
            each < count &&
            !others.some((it) => it.partitions.includes(each)),
        );
        const left = shares.get(memberId)!;
        const lost = own.filter((each) => !left.includes(each));
        assert.ok(lost.length === 0 || left.length >= share);
      }
    }),
  );
});

/** Assigns `topic` of four partitions to members with this user data. */
async function assign(userData: Readonly<Record<string, Buffer>>) {
  const partitionMetadata = upTo(4).map((partitionId) => ({ partitionId }));
  const metadata = async () =>
    ({ topicMetadata: [{ topic: "visits", partitionMetadata }] }) as never;
  const assigner = topicAssigner({
    ...{ cluster: { metadata }, topic: "visits", job: null },
    owned: () => ({ generation: 3, partitions: [2, 3] }),
    onOtherTopics() {},
  });
  const own = assigner.protocol({ topics: ["visits"] }).metadata;
  const others = Object.entries(userData).map(([memberId, userData]) => ({
    memberId,
    memberMetadata: MemberMetadata.encode({
      ...{ version: 0, topics: ["visits"], userData },
    }),
  }));
  const members = [{ memberId: "own", memberMetadata: own }, ...others];
  const assignments = await assigner.assign({ members, topics: ["visits"] });
  return new Map(
    assignments.map(({ memberId, memberAssignment }) => [
      memberId,
      memberAssignment,
    ]),
  );
}

test("topicAssigner() takes members that say nothing, or nonsense, as newcomers", async () => {
  for (const text of [
    "",
    "{",
    "null",
    "[1]",
    '{"v":2,"generation":9,"partitions":[2,3]}',
    '{"v":1,"generation":"9","partitions":[2,3]}',
    '{"v":1,"generation":9,"partitions":[2,"3"]}',
    '{"v":1,"generation":9}',
  ]) {
    const assignments = await assign({ a: Buffer.from(text) });
    const of = (memberId: string) => {
      const { visits } = MemberAssignment.decode(
        assignments.get(memberId)!,
      )!.assignment;
      return visits;
    };
    assert.deepEqual(of("own"), [2, 3], text);
    assert.deepEqual(of("a"), [0, 1], text);
  }
});

test("dealtCount() knows what an assignment says of a topic", async () => {
  const assignments = await assign({});
  const assignment = assignments.get("own")!;
  assert.equal(dealtCount(assignment, "visits"), 4);
  assert.equal(dealtCount(assignment, "clicks"), 0);
  // As the version before wrote them.
  const old = MemberAssignment.encode({
    ...{ version: 0, assignment: { visits: [0] }, userData: Buffer.alloc(0) },
  });
  assert.equal(dealtCount(old, "visits"), null);
  assert.equal(dealtCount(Buffer.alloc(0), "visits"), null);
});
