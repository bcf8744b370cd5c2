import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { WorldError } from "../../src/errors.ts";
import type { Dispatcher } from "../../src/fleet/dispatcher.ts";
import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import { Random } from "../../src/generate/random.ts";
import type { ScanAnswer } from "../../src/wire/messages.ts";
import {
  type NumberedChunk,
  NumberedFleet,
  numberedChunk,
  numberedChunks,
  ownerOf,
  toldDispatcher,
} from "../support/numbered_fleet.ts";

const LIMIT_BYTES = 4096;

const RUN = fc.record({
  workers: fc.constantFrom(1, 2, 3, 5),
  seed: fc.nat(),
  sizes: fc.array(fc.nat(300), { maxLength: 40 }),
  /** After which chunks some work waits its turn. */
  works: fc.array(fc.nat(40), { maxLength: 5 }),
  waits: fc.boolean(),
  shared: fc.constantFrom(0, 200, 1000),
});

test("Dealer hands on every record once, in order, whatever the threads do", async () => {
  let sharedChunks = 0;
  await fc.assert(
    fc.asyncProperty(RUN, async (run) => {
      const { workers, seed, sizes, works, waits, shared } = run;
      const random = new Random(seed);
      const fleet = new NumberedFleet(workers, random);
      const told = toldDispatcher(fleet, LIMIT_BYTES, shared);
      const { dispatcher, failures } = told;
      const { dealer } = dispatcher;
      const chunks = numberedChunks(sizes);
      const dealt: NumberedChunk[] = [];
      const done: number[] = [];
      for (const [at, chunk] of chunks.entries()) {
        const unapplied = dealt.filter(({ releases }) => releases === 0);
        const bytes = unapplied.reduce((sum, each) => sum + each.byteLength, 0);
        assert.ok(bytes <= LIMIT_BYTES, `${bytes} bytes under way`);
        dealer.deal(chunk);
        dealt.push(chunk);
        if (works.includes(at)) {
          let looks = 0;
          const isReady = () => ++looks > at % 3;
          dealer.behind(() => done.push(at), isReady);
        }
        dispatcher.expectRecords(waits);
        dispatcher.pump();
        if (random.below(3) > 0) await nextTurn();
        await urged(dispatcher, dispatcher.capacity());
      }
      dispatcher.expectRecords(false);
      dispatcher.pump();
      await urged(dispatcher, dealer.handedOn());
      await dispatcher.quiet();
      assert.deepEqual(failures, []);
      const numbers = chunks.flatMap((each) => each.numbers);
      for (const [shard, applied] of fleet.applied.entries()) {
        const own = numbers.filter((each) => ownerOf(each, workers) === shard);
        assert.deepEqual(applied, own);
      }
      for (const { releases } of chunks) assert.equal(releases, 1);
      const expected = [...new Set(works)].filter((at) => at < sizes.length);
      assert.deepEqual(
        done,
        expected.sort((a, b) => a - b),
      );
      const others = workers - 1;
      const scanned = sizes.filter((size) => others * size > shared);
      assert.ok(fleet.scans >= scanned.length);
      if (workers === 1) assert.equal(fleet.scans, 0);
      else sharedChunks += sizes.length - fleet.scans;
    }),
    { numRuns: 200, timeout: 15_000, interruptAfterTimeLimit: 40_000 },
  );
  assert.ok(sharedChunks > 20, `${sharedChunks} shared`);
});

/**
 * Work that is not ready is looked at after each report, of which there may be no
 * more: so it is looked at all the time until something is done.
 */
async function urged(dispatcher: Dispatcher, done: Promise<void>) {
  let isDone = false;
  const end = done.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    dispatcher.goOn();
    await nextTurn();
  }
  await end;
}

/** A fleet whose scans answer something else. */
function fleetWith(change: ShardRunner["scan"]): ShardRunner {
  const fleet = new NumberedFleet(2, new Random(1));
  return {
    size: 2,
    run: (shard, message) => fleet.run(shard, message),
    scan: change,
    look: assert.fail,
  };
}

const real = new NumberedFleet(2, new Random(1));
const FAULTS: Record<string, { scan: ShardRunner["scan"]; message: RegExp }> = {
  "a scan that fails": {
    scan: async () => {
      throw new WorldError("Cannot read topic visits: it is corrupt");
    },
    message: /it is corrupt/,
  },
  "a scan that cannot be sent": {
    scan: () => {
      throw new Error("not cloneable");
    },
    message: /not cloneable/,
  },
  "a scan that answers nothing": {
    scan: async () => undefined as unknown as ScanAnswer,
    message: /undefined/,
  },
  "a scan that loses records": {
    scan: async (thread, message) => {
      const answer = await real.scan(thread, message);
      return { ...answer, groups: answer.groups.subarray(4) };
    },
    message: /partition 0, from offset 0 on: \d+ were scanned, expected 100/,
  },
  "a scan that has records twice": {
    scan: async (thread, message) => {
      const answer = await real.scan(thread, message);
      const groups = [...answer.groups, ...answer.groups.subarray(0, 4)];
      return { ...answer, groups: Int32Array.from(groups) };
    },
    message: /1\d\d were scanned, expected 100/,
  },
};

for (const [name, { scan, message }] of Object.entries(FAULTS)) {
  test(`Dealer ends the job for ${name}`, async () => {
    const { dispatcher, failures } = toldDispatcher(fleetWith(scan), 100);
    const [first, second] = numberedChunks([100, 100]);
    dispatcher.dealer.deal(first!);
    let ran = false;
    dispatcher.dealer.behind(() => {
      ran = true;
    });
    await assert.rejects(dispatcher.quiet(), message);
    await assert.rejects(dispatcher.dealer.handedOn(), message);
    assert.throws(() => dispatcher.dealer.deal(second!), message);
    assert.equal(failures.length, 1);
    assert.equal(ran, false);
    if (name === "a scan that fails") {
      assert.ok(failures[0] instanceof WorldError);
    }
  });
}

test("work behind chunks that throws ends the job", async () => {
  const fleet = new NumberedFleet(2, new Random(1));
  const { dispatcher, failures } = toldDispatcher(fleet, LIMIT_BYTES);
  dispatcher.dealer.deal(numberedChunks([10])[0]!);
  dispatcher.dealer.behind(() => {
    throw new Error("no such partition");
  });
  await assert.rejects(dispatcher.quiet(), /no such partition/);
  assert.equal(failures.length, 1);
});

test("Dealer knows the partitions whose chunks are not handed on", async () => {
  const fleet = new NumberedFleet(2, new Random(1));
  const { dispatcher } = toldDispatcher(fleet, LIMIT_BYTES);
  const { dealer } = dispatcher;
  dealer.deal(numberedChunk([1, 2, 3], { partition: 4 }));
  assert.equal(dealer.isDealing(4), true);
  assert.equal(dealer.isDealing(3), false);
  assert.equal(dispatcher.isSettled, false);
  await dispatcher.dealer.handedOn();
  assert.equal(dealer.isDealing(4), false);
});

test("what waits behind chunks may deal and wait itself", async () => {
  const fleet = new NumberedFleet(2, new Random(1));
  const { dispatcher } = toldDispatcher(fleet, LIMIT_BYTES);
  const { dealer } = dispatcher;
  const [first, second] = numberedChunks([10, 10]);
  const done: string[] = [];
  dealer.deal(first!);
  dealer.behind(() => {
    done.push("a");
    dealer.behind(() => done.push("c"));
    dealer.deal(second!);
  });
  dealer.behind(() => done.push("b"));
  await dispatcher.dealer.handedOn();
  assert.deepEqual(done, ["a", "b", "c"]);
  dispatcher.pump();
  await dispatcher.quiet();
  assert.equal(second!.releases, 1);
});
