import assert from "node:assert/strict";
import { test } from "node:test";
import { WorldError } from "../../src/errors.ts";
import type { ChunkPlace } from "../../src/record/chunk.ts";
import { counterOf } from "../../src/wire/counters.ts";
import type { ShardOrder } from "../../src/wire/orders.ts";
import { type ChunkRange, placedChunk } from "../support/built_chunk.ts";
import { notingShard } from "../support/noting_store.ts";
import { packedBatch } from "../support/packed_batch.ts";
import type { BuiltBatch } from "../support/record_batch_builder.ts";
import {
  Hand,
  MINUTE_MS,
  OPTIONS,
  START_MS,
  visit,
} from "../support/shard_hand.ts";

/** A hand with a shard that keeps changes, and its store. */
function restoringHand() {
  const { shard, store } = notingShard({ ...OPTIONS, shard: 2, shardCount: 1 });
  return { hand: new Hand({}, shard), store };
}

/** Records of the log of a noting store, of these offsets. */
function logBatch(
  baseOffset: number,
  offsets: readonly number[],
  others: Partial<BuiltBatch> = {},
): BuiltBatch {
  const records = offsets.map((offset) => ({
    key: null,
    value: JSON.stringify({ commit: 1, partition: 0, offset }),
  }));
  return { baseOffset, records, ...others };
}

/** The order to restore a chunk of batches. */
function restore(
  batches: readonly (BuiltBatch | Buffer)[],
  range: ChunkRange = {},
): ShardOrder {
  const chunks: ChunkPlace[] = [placedChunk(batches, range)];
  return { kind: "restore", chunks };
}

const CLEAR: ShardOrder = { kind: "clear" };

function reassign(assignment: number, dropped: number[] = [0]): ShardOrder {
  return { kind: "reassign", assignment, dropped, topicId: null };
}

test("windows are cleared and come back, and then an assignment begins", () => {
  const { hand, store } = restoringHand();
  const oldMs = START_MS + 500 * MINUTE_MS;
  hand.give([visit("a", START_MS)], { clocksMs: Float64Array.of(oldMs) });
  const old = hand.give([], { mergedWatermarkMs: START_MS });
  assert.ok(old.localWatermarkMs > START_MS);
  // What was put out so far is reported first.
  const first = hand.give([], { barrier: 0 }, [CLEAR]);
  assert.equal(counterOf(first.envelope, "droppedVisits"), 0);
  const cleared = hand.give([]);
  assert.equal(counterOf(cleared.envelope, "droppedVisits"), 1);
  assert.equal(cleared.appliedSequence, hand.sequence);
  const batches = [logBatch(40, [1, 2]), logBatch(42, [3])];
  const { envelope, answers } = hand.give([], {}, [restore(batches)]);
  assert.equal(counterOf(envelope, "restoredVisits"), 3);
  const [answer] = answers;
  assert.ok(answer?.kind === "restored");
  assert.equal(answer.sessions, 3);
  assert.ok(answer.bytes > 100 && answer.bytes < 200, `${answer.bytes}`);
  // News of the old assignment do nothing, however late they come.
  hand.give([], {
    mergedWatermarkMs: oldMs + 500 * MINUTE_MS,
    clocksMs: Float64Array.of(oldMs + 500 * MINUTE_MS),
  });
  assert.equal(store.watermarkMs, -Infinity);
  const clockMs = START_MS + 30 * MINUTE_MS;
  const begun = hand.give(
    [],
    { mergedWatermarkMs: START_MS - 7, clocksMs: Float64Array.of(clockMs) },
    [reassign(1)],
  );
  assert.deepEqual(begun.answers, [{ kind: "reassigned", assignment: 1 }]);
  assert.equal(counterOf(begun.envelope, "droppedVisits"), 0);
  const boundMs = OPTIONS.window.outOfOrdernessMs;
  assert.equal(begun.localWatermarkMs, clockMs - boundMs - 1);
  assert.deepEqual(store.calls, [
    "clear",
    "restore 2 for 2/1",
    "restore 1 for 2/1",
    // Nothing of what has come back is dropped.
    `reassign  at ${START_MS - 7}`,
  ]);
  assert.deepEqual(
    store.restored.map(({ offset }) => offset),
    [1, 2, 3],
  );
  // The own clocks are those of the visits since.
  const visits = [visit("b", START_MS + 1000)];
  const [barrier] = hand.give(visits, { barrier: 2 }).answers;
  assert.ok(barrier?.kind === "barrier");
  assert.deepEqual(barrier.clocksMs, Float64Array.of(START_MS + 1000));
  // Once begun, an assignment drops what it says.
  hand.give([], { barrier: 0 }, [reassign(2)]);
  assert.equal(store.calls.at(-1), `reassign 0 at ${START_MS - 7}`);
});

test("clocks of a shard begin anew though nothing comes after a restore", () => {
  const { hand } = restoringHand();
  hand.give([visit("a", START_MS)]);
  hand.give([], {}, [CLEAR]);
  hand.give([], {}, [reassign(1)]);
  const [barrier] = hand.give([], { barrier: 1 }).answers;
  assert.ok(barrier?.kind === "barrier");
  assert.deepEqual(barrier.clocksMs, Float64Array.of(-Infinity));
});

test("only what is wanted of the log is restored, in whatever it is packed", () => {
  const batches = (others: Partial<BuiltBatch>) => [
    logBatch(10, [0, 1, 2, 3], others),
    logBatch(14, [4, 5], others),
    logBatch(20, [6, 7, 8], others),
    logBatch(23, [9], others),
  ];
  const others: Partial<BuiltBatch>[] = [
    {},
    { isTransactional: true },
    { compression: "gzip" },
    { compression: "lz4", isTransactional: true },
  ];
  for (const each of others) {
    for (const [firstOffset, endOffset, expected] of [
      [0, Infinity, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
      [12, 22, [2, 3, 4, 5, 6, 7]],
      [13, 14, [3]],
      [11, 13, [1, 2]],
      [14, 20, [4, 5]],
      [16, 20, []],
      [24, 30, []],
    ] as const) {
      const { hand, store } = restoringHand();
      const range = { firstOffset, endOffset };
      hand.give([], {}, [CLEAR, restore(batches(each), range)]);
      hand.give([]);
      const offsets = store.restored.map(({ offset }) => offset);
      assert.deepEqual(offsets, expected, `${firstOffset} to ${endOffset}`);
    }
  }
});

test("compacted batches and offsets with holes are restored as they are", () => {
  const holes = logBatch(10, [0, 1, 2]);
  const [first, second, third] = holes.records;
  const records = [
    { ...first!, offsetDelta: 1 },
    { ...second!, offsetDelta: 4 },
    { ...third!, offsetDelta: 7 },
  ];
  const empty = logBatch(30, [], { lastOffsetDelta: 9 });
  const { hand, store } = restoringHand();
  const range = { firstOffset: 12, endOffset: 17 };
  const batches = [{ ...holes, records }, empty];
  hand.give([], {}, [CLEAR, restore(batches, range)]);
  hand.give([]);
  assert.deepEqual(
    store.restored.map(({ offset }) => offset),
    [1],
  );
});

test("a log that is corrupt is said to be, by its topic and place", () => {
  const broken = placedChunk([logBatch(40, [1, 2])]);
  const bytes = Buffer.from(broken.memory);
  bytes[broken.starts[0]! + 70]! ^= 1;
  const cut = packedBatch(Buffer.alloc(30, 0x7f), {
    ...{ baseOffset: 50, compression: "none", count: 2 },
  });
  const cases: [ShardOrder, RegExp][] = [
    [{ kind: "restore", chunks: [broken] }, /offset 40 of partition 0 .*CRC/],
    [
      restore([cut], { firstOffset: 51 }),
      /offset 50 of partition 0 is corrupt/,
    ],
  ];
  for (const [order, message] of cases) {
    const { hand } = restoringHand();
    assert.throws(
      () => {
        hand.give([], {}, [CLEAR, order]);
        hand.give([]);
      },
      (error) => error instanceof WorldError && message.test(error.message),
    );
  }
});

test("nothing else is done while windows come back", () => {
  const cases: [string, (hand: Hand) => void, RegExp][] = [
    [
      "restores without a clear",
      (hand) => hand.give([], {}, [restore([logBatch(0, [1])])]),
      /Cannot restore windows of shard 2: .*not cleared/,
    ],
    [
      "restores after the assignment has begun",
      (hand) => {
        hand.give([], {}, [CLEAR]);
        hand.give([], {}, [reassign(1), restore([logBatch(0, [1])])]);
      },
      /not cleared/,
    ],
    [
      "visits",
      (hand) => {
        hand.give([], {}, [CLEAR]);
        hand.give([visit("a", START_MS)]);
      },
      /Cannot apply visits: the windows are being restored/,
    ],
    [
      "a barrier",
      (hand) => {
        hand.give([], { barrier: 3 }, [CLEAR]);
        hand.give([]);
      },
      /barrier of commit 3 in shard 2: its windows are being restored/,
    ],
  ];
  for (const [name, act, message] of cases) {
    assert.throws(() => act(restoringHand().hand), message, name);
  }
});
