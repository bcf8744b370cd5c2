import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import { Random } from "../../src/generate/random.ts";
import type { TaskMessage } from "../../src/wire/messages.ts";
import {
  NumberedFleet,
  numberedChunk,
  numberedChunks,
  toldDispatcher,
} from "../support/numbered_fleet.ts";

test("a chunk goes whole to all shards while the others' part of it is small", async () => {
  const fleet = new NumberedFleet(3, new Random(1));
  const tasks: TaskMessage[] = [];
  const runner: ShardRunner = {
    size: 3,
    run: (shard, message) => {
      tasks.push(message);
      return fleet.run(shard, message);
    },
    scan: (thread, message) => fleet.scan(thread, message),
    look: assert.fail,
  };
  const { dispatcher, failures } = toldDispatcher(runner, 1 << 20, 100);
  for (const chunk of numberedChunks([50, 51, 50])) {
    dispatcher.dealer.deal(chunk);
    dispatcher.pump();
    await dispatcher.quiet();
    assert.equal(chunk.releases, 1);
  }
  assert.deepEqual(failures, []);
  assert.equal(fleet.scans, 1);
  const shared = tasks.filter((task) => task.shared.length > 0);
  assert.equal(shared.length, 6);
  assert.deepEqual(
    [...fleet.applied.flat()].sort((a, b) => a - b),
    [...Array(151).keys()],
  );
});

test("shards that do not own each record of a chunk once end the job", async () => {
  const fleet = new NumberedFleet(2, new Random(1));
  const runner: ShardRunner = {
    size: 2,
    run: async (shard, message) => {
      const report = await fleet.run(shard, message);
      const answers = report.answers.map((answer) =>
        answer.kind === "owned" && shard === 1
          ? { ...answer, counts: answer.counts.map((count) => count - 1) }
          : answer,
      );
      return { ...report, answers };
    },
    scan: assert.fail,
    look: assert.fail,
  };
  const { dispatcher, failures } = toldDispatcher(runner, 1 << 20, 100);
  dispatcher.dealer.deal(numberedChunk([0, 1, 2, 3, 4, 5, 6, 7]));
  dispatcher.pump();
  await assert.rejects(dispatcher.quiet(), /7 were scanned, expected 8/);
  assert.equal(failures.length, 1);
});

test("a chunk is scanned once while there is much to do, be it ever so small", async () => {
  const fleet = new NumberedFleet(2, new Random(1));
  const chunks = numberedChunks(new Array<number>(8).fill(10));
  const limitBytes = chunks.length * chunks[0]!.byteLength;
  const { dispatcher } = toldDispatcher(fleet, limitBytes, 100);
  for (const chunk of chunks) dispatcher.dealer.deal(chunk);
  dispatcher.pump();
  await dispatcher.quiet();
  // The first two are a quarter of what may be under way.
  assert.equal(fleet.scans, 6);
});
