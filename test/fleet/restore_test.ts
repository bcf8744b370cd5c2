import assert from "node:assert/strict";
import { test } from "node:test";
import { WorldError } from "../../src/errors.ts";
import { ACTIVE } from "../../src/watermark/partition_state.ts";
import { BarrierFleet } from "../support/barrier_fleet.ts";
import { chunkOf } from "../support/built_chunk.ts";

const START_MS = Date.parse("2024-06-01T00:00:00Z");
const HOUR_MS = 3_600_000;
const NO_RENEWALS = { renewals: [] };
const LOG = "windows";

/** A chunk of the log of a noting store, and how often it was released. */
function logChunk(offsets: readonly number[]) {
  const released = { times: 0 };
  const records = offsets.map((offset) => ({
    key: null,
    value: JSON.stringify({ commit: 1, partition: 0, offset }),
  }));
  const onFree = () => {
    released.times++;
  };
  const batch = { baseOffset: 0, records };
  return { chunk: chunkOf([batch], { partition: 0, onFree }), released };
}

for (const shardCount of [1, 3]) {
  test(`windows come back into ${shardCount} shards, and time with them`, async () => {
    const fleet = new BarrierFleet({ shardCount });
    const { dispatcher, passed } = fleet;
    await fleet.deal(["a", "b", "c", "d"], START_MS + 50 * HOUR_MS);
    dispatcher.clear();
    const chunks = [logChunk([1, 2]), logChunk([3])];
    const restored = chunks.map(({ chunk }) => dispatcher.restore(chunk, LOG));
    await Promise.all(restored);
    assert.deepEqual(
      chunks.map(({ released }) => released.times),
      [1, 1],
    );
    for (const { restored, calls } of fleet.stores) {
      assert.deepEqual(
        restored.map(({ offset }) => offset),
        [1, 2, 3],
      );
      assert.equal(calls[0], "clear");
    }
    // Other partitions than before, and so are their states.
    dispatcher.setState(0, 0);
    dispatcher.setState(1, ACTIVE);
    dispatcher.reassign(
      { dropped: [0, 1], topicId: null },
      {
        watermarkMs: START_MS,
        clocks: new Map([[1, START_MS + HOUR_MS]]),
      },
    );
    assert.equal(dispatcher.watermarkMs, START_MS);
    assert.deepEqual(
      dispatcher.clocksMs,
      Float64Array.of(-Infinity, START_MS + HOUR_MS),
    );
    assert.ok(await fleet.comesTrue(() => dispatcher.isSettled));
    for (const { calls } of fleet.stores) {
      assert.equal(calls.at(-1), `reassign  at ${START_MS}`);
    }
    // The restored clock counts, less the bound of 20 minutes.
    const settledMs = START_MS + HOUR_MS - 1_200_001;
    assert.equal(dispatcher.watermarkMs, settledMs);
    dispatcher.barrier(8, NO_RENEWALS);
    assert.ok(await fleet.comesTrue(() => passed.length === 1));
    const [{ passed: at }] = passed as [(typeof passed)[0]];
    assert.equal(at.watermarkMs, settledMs);
    // Of the visits before the clear nothing is left.
    assert.deepEqual(
      at.clocksMs,
      Float64Array.of(-Infinity, START_MS + HOUR_MS),
    );
  });
}

test("a restored watermark is not passed before all shards are heard", async () => {
  let isHeld = false;
  const holding: (() => void)[] = [];
  const fleet = new BarrierFleet({
    shardCount: 2,
    before: async (shard) => {
      if (shard === 0 || !isHeld) return;
      await new Promise<void>((resolve) => holding.push(resolve));
    },
  });
  const { dispatcher } = fleet;
  await fleet.deal(["a", "b"], START_MS + 50 * HOUR_MS);
  assert.ok(await fleet.comesTrue(() => dispatcher.isSettled));
  const oldMs = dispatcher.watermarkMs;
  assert.ok(oldMs > START_MS + 49 * HOUR_MS);
  isHeld = true;
  const clocks = new Map([[0, START_MS + HOUR_MS]]);
  dispatcher.clear();
  dispatcher.reassign(
    { dropped: [0], topicId: null },
    { watermarkMs: START_MS - HOUR_MS, clocks },
  );
  await fleet.comesTrue(() => false, 50);
  assert.equal(dispatcher.watermarkMs, START_MS - HOUR_MS);
  isHeld = false;
  // The clear, then the new assignment, are answered one after the other.
  assert.ok(
    await fleet.comesTrue(() => {
      for (const each of holding.splice(0)) each();
      return dispatcher.isSettled;
    }),
  );
  assert.ok(dispatcher.watermarkMs > START_MS - HOUR_MS);
  assert.ok(dispatcher.watermarkMs < START_MS + HOUR_MS);
});

test("what cannot be restored ends the job, and who waits for it hears", async () => {
  const fleet = new BarrierFleet({ shardCount: 2 });
  const { dispatcher } = fleet;
  dispatcher.clear();
  const { chunk, released } = logChunk([1]);
  chunk.bytes[chunk.starts[0]! + 70]! ^= 1;
  await assert.rejects(
    dispatcher.restore(chunk, LOG),
    (error) =>
      error instanceof WorldError &&
      /Cannot read topic "windows": .*CRC/.test(error.message),
  );
  assert.equal(fleet.failures.length, 1);
  assert.equal(released.times, 0);
  await assert.rejects(dispatcher.restore(logChunk([2]).chunk, LOG), /CRC/);
});
