import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { WorldError } from "../../src/errors.ts";
import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import type { LookAnswer, LookMessage } from "../../src/wire/messages.ts";
import { dispatch } from "../support/asked_fleet.ts";

/** Shards that are asked, and answer when they are told to. */
function heldFleet(size = 1) {
  const asked: {
    readonly shard: number;
    readonly message: LookMessage;
    answer(answer: LookAnswer): void;
    fail(error: Error): void;
  }[] = [];
  const fleet: ShardRunner = {
    ...{ size, run: assert.fail, scan: assert.fail },
    look: (shard, message) =>
      new Promise((answer, fail) =>
        asked.push({ shard, message, answer, fail }),
      ),
  };
  return { fleet, asked };
}

const NONE: LookAnswer = { kind: "found", found: [[]] };
const isBusy = (error: unknown) =>
  error instanceof WorldError && /wait already; ask again/.test(error.message);
const isOver = (error: unknown) =>
  error instanceof WorldError && /the run is over/.test(error.message);
const isRestoring = (error: unknown) =>
  error instanceof WorldError && /being restored/.test(error.message);

test("what is asked for in one turn, and while a shard is at work, goes together", async () => {
  const { fleet, asked } = heldFleet();
  const { lookups } = dispatch(fleet);
  const first = [lookups.find("a"), lookups.find("b")];
  await Promise.resolve().then(() => first.push(lookups.find("c")));
  await nextTurn();
  const keys = () =>
    asked.map(({ message }) => message.kind === "find" && message.keys);
  assert.deepEqual(keys(), [["a", "b", "c"]]);
  const later = ["d", "e"].map((id) => lookups.find(id));
  await nextTurn();
  assert.equal(asked.length, 1);
  // It answers two of three: the third is asked for again, before the others.
  asked[0]!.answer({ kind: "found", found: [[], []] });
  assert.deepEqual(await Promise.all(first.slice(0, 2)), [[], []]);
  await nextTurn();
  assert.deepEqual(keys()[1], ["c", "d", "e"]);
  asked[1]!.answer({ kind: "found", found: [[], [], []] });
  assert.deepEqual(await Promise.all([first[2], ...later]), [[], [], []]);
  await nextTurn();
  assert.equal(asked.length, 2);
});

test("a shard is asked for 256 visit_ids at once, and lists take their turn", async () => {
  const { fleet, asked } = heldFleet();
  const { lookups } = dispatch(fleet);
  const finds = Array.from({ length: 600 }, (_, i) => lookups.find(`${i}`));
  const list = lookups.list({ order: "latest", limit: 2 });
  const kinds: string[] = [];
  for (let i = 0; i < 4; i++) {
    await nextTurn();
    const { message, answer } = asked[i]!;
    if (message.kind === "list") {
      kinds.push("list");
      answer({ kind: "listed", sessions: [], next: null });
    } else {
      kinds.push(`${message.keys.length}`);
      answer({ kind: "found", found: message.keys.map(() => []) });
    }
  }
  assert.deepEqual(kinds, ["list", "256", "256", "88"]);
  await Promise.all([...finds, list]);
});

test("a list that has begun is walked to its end before the next one begins", async () => {
  const { fleet, asked } = heldFleet();
  const { lookups } = dispatch(fleet);
  const query = { order: "latest", limit: 2 } as const;
  const first = lookups.list(query);
  const second = lookups.list({ ...query, limit: 3 });
  const limits: number[] = [];
  for (let slice = 0; slice < 6; slice++) {
    await nextTurn();
    const { message, answer } = asked[slice]!;
    assert.ok(message.kind === "list");
    limits.push(message.limit);
    const isLast = slice % 3 === 2;
    const next = isLast ? null : { classes: 3, next: (slice % 3) + 1 };
    answer({ kind: "listed", sessions: [], next });
    if (slice === 2) assert.deepEqual(await first, []);
  }
  assert.deepEqual(limits, [2, 2, 2, 3, 3, 3]);
  await second;
});

test("while windows are restored, who asks is told so", async () => {
  const { fleet, asked } = heldFleet(2);
  const { lookups, failures } = dispatch(fleet);
  const found = lookups.find("a");
  const listed = lookups.list({ order: "oldest", limit: 1 });
  const [first, last] = [
    assert.rejects(found, isRestoring),
    assert.rejects(listed, isRestoring),
  ];
  for (let i = 0; i < 4; i++) {
    await nextTurn();
    for (const { answer } of asked.splice(0)) answer({ kind: "restoring" });
  }
  await Promise.all([first, last]);
  assert.deepEqual(failures, []);
});

test("no more than 10,000 look-ups and 100 lists wait", async () => {
  const { fleet, asked } = heldFleet();
  const { lookups } = dispatch(fleet);
  const query = { order: "oldest", limit: 1 } as const;
  const finds = Array.from({ length: 10_000 }, () => lookups.find("a"));
  const lists = Array.from({ length: 100 }, () => lookups.list(query));
  await assert.rejects(lookups.find("a"), isBusy);
  await assert.rejects(lookups.list(query), isBusy);
  await nextTurn();
  asked[0]!.answer({ kind: "listed", sessions: [], next: null });
  assert.deepEqual(await lists[0], []);
  const next = lookups.list(query);
  lookups.end();
  for (const each of [...finds, ...lists.slice(1), next]) {
    await assert.rejects(each, isOver);
  }
});

for (const [how, endWith] of [
  ["ends", ({ lookups }) => lookups.end()],
  ["fails", ({ dispatcher }) => dispatcher.fail(new Error("it fails"))],
] as [string, (of: ReturnType<typeof dispatch>) => void][]) {
  test(`who waits when the run ${how} hears of it, and so does who comes later`, async () => {
    const { fleet, asked } = heldFleet();
    const made = dispatch(fleet);
    const { lookups, failures } = made;
    const waiting = [
      assert.rejects(lookups.find("a"), isOver),
      assert.rejects(lookups.list({ order: "oldest", limit: 1 }), isOver),
    ];
    await nextTurn();
    endWith(made);
    await Promise.all(waiting);
    await assert.rejects(lookups.find("b"), isOver);
    // The threads are ended then: what is under way fails, or comes too late.
    if (how === "ends") asked[0]!.fail(new Error("the thread is ended"));
    else asked[0]!.answer(NONE);
    await nextTurn();
    assert.deepEqual(failures, []);
    assert.equal(asked.length, 1);
  });
}

test("a thread that ends while it is asked ends the job: its windows are gone", async () => {
  const { fleet, asked } = heldFleet();
  const { lookups, failures } = dispatch(fleet);
  const waits = assert.rejects(lookups.find("a"), isOver);
  await nextTurn();
  const error = new Error("the thread is gone");
  asked[0]!.fail(error);
  await waits;
  assert.deepEqual(failures, [error]);
});

test("a list of no session, or of too many, is refused", () => {
  const { lookups } = dispatch(heldFleet().fleet);
  for (const limit of [0, 1001, 1.5, Number.NaN]) {
    const list = () => lookups.list({ order: "oldest", limit });
    assert.throws(list, /limit .* must be from 1 to 1000/);
  }
});

test("look-ups are no work that anyone waits for", async () => {
  const { fleet } = heldFleet(2);
  const { dispatcher, lookups } = dispatch(fleet);
  const waits = assert.rejects(lookups.find("a"), isOver);
  await nextTurn();
  // It is under way, and the shards are at rest all the same.
  dispatcher.expectRecords(false);
  assert.ok(dispatcher.links.every(({ isQuiet }) => isQuiet));
  lookups.end();
  await waits;
});
