import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ROUND_RECORDS } from "../../src/pipeline/rounds.ts";
import { ROUNDS_AHEAD } from "../../src/watermark/round_plan.ts";
import {
  BOUND_MS,
  type Chance,
  type PlannedLog,
  placeOf,
  RoundWorld,
  roundsOf,
} from "./round_world.ts";

/** Everything as soon as it can be. */
const NO_CHANCE: Chance = () => 0;

const NO_RECORDS = { count: 0, newestMs: null };
const BATCH = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      count: fc.oneof(
        fc.integer({ min: 1, max: ROUND_RECORDS / 2 }),
        fc.constantFrom(ROUND_RECORDS, ROUND_RECORDS + 1, ROUND_RECORDS * 2),
      ),
      newestMs: fc.option(fc.nat(1_000_000), { nil: null }),
    }),
  },
  { weight: 1, arbitrary: fc.constant(NO_RECORDS) },
);
const LOG: fc.Arbitrary<PlannedLog> = fc.oneof(
  fc.array(fc.array(BATCH, { maxLength: 40 }), { minLength: 1, maxLength: 6 }),
  fc.array(fc.array(BATCH, { maxLength: 9 }), { minLength: 9, maxLength: 15 }),
);

/** Chance from a list of numbers, over and over again. */
function chanceOf(seeds: readonly number[]): Chance {
  let at = 0;
  return (count) => seeds[at++ % seeds.length]! % count;
}

const CHANCE = fc
  .array(fc.nat(), { minLength: 1, maxLength: 50 })
  .map((seeds) => ({ chance: chanceOf(seeds) }));
const WORLD = fc.record({
  workers: fc.integer({ min: 1, max: 5 }),
  isObedient: fc.boolean(),
  luck: CHANCE,
});

function notesOf(log: PlannedLog): string[] {
  const options = { chance: NO_CHANCE, workers: 1, isObedient: true };
  const world = new RoundWorld(log, options);
  world.run();
  assert.ok(world.isEnded, "the input is not over");
  assert.equal(world.lent, 0);
  return world.notes;
}

test("Rounds are a function of the input alone, property", () => {
  fc.assert(
    fc.property(LOG, WORLD, (log, { workers, isObedient, luck }) => {
      const world = new RoundWorld(log, { ...luck, workers, isObedient });
      world.run();
      assert.ok(world.isEnded, "the input is not over");
      assert.equal(world.lent, 0);
      assert.deepEqual(world.notes, notesOf(log));
    }),
    { numRuns: 400 },
  );
});

test("Rounds hold every record once, in the order of its partition, property", () => {
  fc.assert(
    fc.property(LOG, (log) => {
      const notes = notesOf(log);
      assert.equal(notes.at(-1), "end");
      for (const [partition, batches] of log.entries()) {
        const expected = [...batches.entries()]
          .filter(([, { count }]) => count > 0)
          .map(([index, { count }]) => `${partition}@${index}+${count}`);
        const own = notes.filter((each) => each.startsWith(`${partition}@`));
        assert.deepEqual(own, expected);
      }
      for (const { batches } of roundsOf(notes)) {
        const places = batches.map(placeOf);
        const { partition } = places[0]!;
        assert.ok(places.every((each) => each.partition === partition));
        const isLast = places.at(-1)!.index >= lastIndexOf(log[partition]!);
        const counts = places.map(({ count }) => count);
        const before = sum(counts.slice(0, -1));
        assert.ok(before < ROUND_RECORDS, "more than fills it");
        assert.ok(isLast || sum(counts) >= ROUND_RECORDS, "not full");
      }
    }),
  );
});

test("Rounds have the watermark of the clocks so many rounds before, property", () => {
  const full = LOG.filter((log) => log.every((each) => lastIndexOf(each) >= 0));
  fc.assert(
    fc.property(full, (log) => {
      const rounds = roundsOf(notesOf(log));
      for (const [at, { watermarkMs }] of rounds.entries()) {
        const told = Math.max(0, at + 2 - ROUNDS_AHEAD);
        assert.equal(watermarkMs, naiveWatermark(log, rounds.slice(0, told)));
      }
    }),
  );
});

/** The watermark of these rounds, by what is in them. */
function naiveWatermark(
  log: PlannedLog,
  rounds: readonly { batches: readonly string[] }[],
): number {
  if (rounds.length === 0) return -Infinity;
  const applied = rounds.flatMap(({ batches }) => batches.map(placeOf));
  let minMs = Infinity;
  for (const [partition, batches] of log.entries()) {
    const own = applied.filter((each) => each.partition === partition);
    if (own.some(({ index }) => index === lastIndexOf(batches))) continue;
    const times = own.map(({ index }) => batches[index]!.newestMs ?? -Infinity);
    minMs = Math.min(minMs, Math.max(-Infinity, ...times));
  }
  return minMs - BOUND_MS - 1;
}

/** The last batch that holds a record; -1 for none. */
function lastIndexOf(batches: PlannedLog[number]): number {
  return batches.findLastIndex(({ count }) => count > 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

const FULL = ROUND_RECORDS;

/** So many full batches, one step of time apart. */
function steady(batches: number, firstMs: number, stepMs: number) {
  return Array.from({ length: batches }, (_, index) => ({
    count: FULL,
    newestMs: firstMs + index * stepMs,
  }));
}

function partitionsOf(notes: readonly string[]): number[] {
  return roundsOf(notes).map(({ batches }) => placeOf(batches[0]!).partition);
}

test("Rounds of an input without records are none", () => {
  assert.deepEqual(notesOf([[], [NO_RECORDS], []]), ["end"]);
});

test("Rounds go by the partition that is furthest behind", () => {
  // The second one is ten times as dense: it needs ten times as many rounds.
  const log = [steady(10, 10_000, 10_000), steady(100, 1000, 1000)];
  const order = partitionsOf(notesOf(log));
  // Nothing is known of either before the first answers.
  assert.deepEqual(order.slice(0, 4), [0, 1, 0, 1]);
  const middle = order.slice(40, 90);
  const ofFirst = middle.filter((each) => each === 0).length;
  assert.ok(ofFirst >= 4 && ofFirst <= 6, order.join());
});

test("Rounds take unheard partitions first, the lowest number before others", () => {
  const log = [
    steady(9, 0, 1),
    [],
    steady(9, 0, 1),
    steady(9, 0, 1),
    steady(9, 0, 1),
    steady(9, 0, 1),
  ];
  const order = partitionsOf(notesOf(log));
  assert.deepEqual(order.slice(0, 5), [0, 2, 3, 4, 5]);
  // An empty one holds nobody back behind the round that it was to fill.
  const watermarks = roundsOf(notesOf(log)).map((each) => each.watermarkMs);
  const firstTold = watermarks.findIndex((ms) => ms > -Infinity) + 1;
  assert.equal(firstTold, 5 + ROUNDS_AHEAD - 1);
});

test("Rounds let a partition go with the round of its last record", () => {
  const [first, ...others] = steady(12, 50_000, 1000);
  const log = [[first!], others];
  const rounds = roundsOf(notesOf(log));
  const at = partitionsOf(notesOf(log)).indexOf(0);
  // The round behind it has the clocks of the other one alone.
  const { watermarkMs } = rounds[at + ROUNDS_AHEAD]!;
  assert.ok(watermarkMs > 50_000 - BOUND_MS - 1, String(watermarkMs));
});

test("Rounds of a partition that ends in batches without records end with its last record", () => {
  const tail = [NO_RECORDS, NO_RECORDS];
  const log = [[...steady(2, 0, 1000), ...tail], steady(6, 5000, 1000)];
  const without = [steady(2, 0, 1000), steady(6, 5000, 1000)];
  assert.deepEqual(notesOf(log), notesOf(without));
});

test("Rounds of many partitions keep nothing of one whose next turn is far", () => {
  const log = Array.from({ length: 12 }, (_, partition) =>
    Array.from({ length: 10 }, (_, index) => ({
      count: ROUND_RECORDS / 2 - 1,
      newestMs: index * 1000 + partition,
    })),
  );
  let most = 0;
  const chance: Chance = (count) => {
    most = Math.max(most, world.lent);
    return count - 1;
  };
  const options = { chance, workers: 2, isObedient: true };
  const world: RoundWorld = new RoundWorld(log, options);
  world.run();
  assert.ok(world.givenBack > 20, `${world.givenBack} were given back`);
  assert.ok(most < 12, `${most} chunks were held`);
  assert.deepEqual(world.notes, notesOf(log));
});

test("Rounds that are stopped give back what they hold", () => {
  fc.assert(
    fc.property(LOG, WORLD, fc.nat(60), (log, world, steps) => {
      const { workers, isObedient, luck } = world;
      const run = new RoundWorld(log, { ...luck, workers, isObedient });
      run.run(steps);
      run.stop();
      assert.equal(run.lent, 0);
      const whole = notesOf(log);
      assert.deepEqual(run.notes, whole.slice(0, run.notes.length));
    }),
  );
});
