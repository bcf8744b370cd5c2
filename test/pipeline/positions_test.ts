import assert from "node:assert/strict";
import { test } from "node:test";
import { Positions } from "../../src/pipeline/positions.ts";
import type { PartitionProgress } from "../../src/source/source.ts";
import { listChunk } from "../support/list_chunk.ts";

function progress(partition: number, position: number | null) {
  const unknown = { endOffset: null, lag: null, isCaughtUp: false };
  return { partition, position, ...unknown } satisfies PartitionProgress;
}

test("Positions: a cut is behind whole chunks, as they were dealt", () => {
  const positions = new Positions();
  positions.begin(new Map([[0, 5]]));
  assert.deepEqual([...positions.cut([])], [[0, 5]]);
  positions.dealt(listChunk(["a", "b"], { partition: 0, baseOffset: 5 }));
  positions.dealt(listChunk(["c"], { partition: 1, baseOffset: 40 }));
  assert.equal(positions.recordsSince, 3);
  const cut = positions.cut([]);
  assert.equal(positions.recordsSince, 0);
  assert.deepEqual(
    [...cut],
    [
      [0, 7],
      [1, 41],
    ],
  );
  // A cut stays as it is.
  positions.dealt(listChunk(["d"], { partition: 0, baseOffset: 7 }));
  assert.equal(cut.get(0), 7);
});

test("Positions: go on where the source has read past what holds no records", () => {
  const positions = new Positions();
  positions.begin(new Map([[0, 5]]));
  const cut = positions.cut([
    progress(0, 9),
    progress(1, 0),
    progress(2, null),
  ]);
  assert.deepEqual(
    [...cut],
    [
      [0, 9],
      [1, 0],
    ],
  );
});

test("Positions: what the source has not told of yet does not take them back", () => {
  const positions = new Positions();
  positions.begin(new Map());
  positions.dealt(listChunk(["a", "b"], { partition: 0, baseOffset: 5 }));
  assert.equal(positions.cut([progress(0, 5)]).get(0), 7);
});

test("Positions: an assignment begins anew", () => {
  const positions = new Positions();
  positions.begin(new Map([[0, 5]]));
  positions.dealt(listChunk(["a"], { partition: 0, baseOffset: 5 }));
  positions.begin(new Map([[1, 3]]));
  assert.deepEqual([...positions.cut([])], [[1, 3]]);
});
