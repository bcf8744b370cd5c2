import assert from "node:assert/strict";
import { test } from "node:test";
import { meansOf } from "../../../src/admin/page/means.ts";

test("means: spans begin at whole multiples, the last may be short", () => {
  const times = [9.5, 10.5, 11.5, 12.5, 13.5, 14.5, 15.5];
  const columns = [[4, 1, 2, 3, 4, 5, 10]];
  assert.deepEqual(meansOf({ times, columns }, 5), {
    times: [9.5, 14.5, 15.5],
    columns: [[4, 3, 10]],
  });
});

test("means: gaps and unknown samples count for nothing", () => {
  const times = [10, 11, 32];
  const columns = [
    [null, 6, null],
    [2, 4, 8],
  ];
  assert.deepEqual(meansOf({ times, columns }, 5), {
    times: [11, 32],
    columns: [
      [6, null],
      [3, 8],
    ],
  });
});

test("means: no samples are no means", () => {
  assert.deepEqual(meansOf({ times: [], columns: [[]] }, 5), {
    times: [],
    columns: [[]],
  });
});
