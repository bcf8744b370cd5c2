import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  AbortedFilter,
  type AbortedTransaction,
  type TransactionalBatch,
} from "../../src/record/aborted_filter.ts";

function data(producerId: number, lastOffset: number): TransactionalBatch {
  return { producerId, lastOffset, isTransactional: true, isControl: false };
}

function marker(producerId: number, lastOffset: number): TransactionalBatch {
  return { producerId, lastOffset, isTransactional: true, isControl: true };
}

test("AbortedFilter hides an aborted transaction up to its marker", () => {
  const filter = new AbortedFilter([{ producerId: 1, firstOffset: 10 }]);
  assert.equal(filter.isVisible(data(1, 9)), true);
  assert.equal(filter.isVisible(data(1, 10)), false);
  assert.equal(filter.isVisible(data(2, 11)), true);
  assert.equal(filter.isVisible(marker(1, 12)), false);
  assert.equal(filter.isVisible(data(1, 13)), true);
});

test("AbortedFilter shows records outside transactions of an aborted producer's id", () => {
  const filter = new AbortedFilter([{ producerId: 1, firstOffset: 0 }]);
  const plain = { ...data(1, 5), isTransactional: false };
  assert.equal(filter.isVisible(plain), true);
});

test("AbortedFilter enters every transaction begun before a batch, in any order of the list", () => {
  const aborted = [
    { producerId: 2, firstOffset: 4 },
    { producerId: 3, firstOffset: 6 },
    { producerId: 1, firstOffset: 2 },
  ];
  const filter = new AbortedFilter(aborted);
  // A fetch from the middle of three transactions meets the last one first.
  assert.equal(filter.isVisible(data(3, 8)), false);
  assert.equal(filter.isVisible(data(1, 9)), false);
  assert.equal(filter.isVisible(data(2, 10)), false);
});

interface Step {
  readonly producerId: number;
  readonly action: "write" | "commit" | "abort";
}

/** Plays steps as a log; says which of its offsets are committed. */
function play(steps: readonly Step[]) {
  const log: TransactionalBatch[] = [];
  const aborted: (AbortedTransaction & { lastOffset: number })[] = [];
  const committed = new Set<number>();
  const open = new Map<number, number[]>();
  for (const { producerId, action } of steps) {
    const offset = log.length;
    const written = open.get(producerId) ?? [];
    if (action === "write") {
      log.push(data(producerId, offset));
      open.set(producerId, [...written, offset]);
    } else if (written.length > 0) {
      log.push(marker(producerId, offset));
      open.delete(producerId);
      if (action === "commit") for (const each of written) committed.add(each);
      const firstOffset = written[0]!;
      if (action === "abort") {
        aborted.push({ producerId, firstOffset, lastOffset: offset });
      }
    }
  }
  const undecided = [...open.values()].map((offsets) => offsets[0]!);
  const stable = Math.min(log.length, ...undecided);
  return { log, aborted, committed, stable };
}

test("AbortedFilter shows exactly the committed records from any start on, property", () => {
  const step = fc.record({
    producerId: fc.integer({ min: 0, max: 3 }),
    action: fc.constantFrom("write", "write", "write", "commit", "abort"),
  }) as fc.Arbitrary<Step>;
  const steps = fc.array(step, { maxLength: 60 });
  fc.assert(
    fc.property(steps, fc.nat(59), fc.nat(), (played, start, seed) => {
      const { log, aborted, committed, stable } = play(played);
      const listed = aborted.filter(({ lastOffset }) => lastOffset >= start);
      listed.sort((a, b) => ((a.firstOffset * seed) % 7) - (b.firstOffset % 7));
      const filter = new AbortedFilter(listed);
      for (const batch of log.slice(start, stable)) {
        const offset = batch.lastOffset;
        assert.equal(filter.isVisible(batch), committed.has(offset));
      }
    }),
  );
});
