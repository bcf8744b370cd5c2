import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DECADES_MAX,
  decadesOf,
  lineOf,
  TICKS,
  tickText,
  valueAt,
} from "../../../src/admin/page/curve.ts";
import { readHgrm } from "../../../src/admin/page/hgrm.ts";

const POINTS = [
  [0, 1],
  [90, 4],
  [99, 8],
  [99.9, 9],
  [99.99, 10],
] as const;

test("curve: goes by rarity, and ends where one value is left", () => {
  const [x, y] = lineOf({ points: POINTS, count: 500, maxMs: 9 });
  assert.deepEqual(
    x.map((decades) => Number(decades.toFixed(3))),
    [0, 1, 2, 2.699],
  );
  assert.deepEqual(y, [1, 4, 8, 9]);
});

test("curve: nothing that was counted is no line", () => {
  assert.deepEqual(lineOf({ points: [], count: 0, maxMs: 0 }), [[], []]);
});

test("curve: many values end with the plot", () => {
  const [x] = lineOf({ points: POINTS, count: 1e9, maxMs: 99 });
  assert.equal(Math.round(x.at(-1)! * 1000), 4000);
});

test("curve: a percentile is the first point that reaches it", () => {
  assert.equal(valueAt(POINTS, 99), 8);
  assert.equal(valueAt(POINTS, 95), 8);
  assert.equal(valueAt(POINTS, 99.999), 10);
  assert.equal(valueAt([], 50), null);
});

test("hgrm: says where a text is none", () => {
  const options = { name: "a.hgrm", unit: null };
  const head = "       Value     Percentile TotalCount 1/(1-Percentile)\n";
  assert.throws(() => readHgrm("", options), /it has no line “Value/);
  assert.throws(() => readHgrm(`${head}\nwhat\n`, options), /^Error: line 3: /);
  assert.throws(() => readHgrm(`${head}2 0.5 1 2\n`, options), /is cut/);
});

test("curve: the percentiles beside a plot have room, on a small phone too", () => {
  // Of digits of 12 px, and of the axis at the side.
  const [digitPx, sidePx] = [7, 62];
  for (const plotPx of [280, 320, 335, 480, 800]) {
    const decadePx = (plotPx - sidePx) / DECADES_MAX;
    let freeFrom = -Infinity;
    for (const percentile of TICKS) {
      const text = tickText(percentile, plotPx);
      if (text === "") continue;
      const middle = decadesOf(percentile) * decadePx;
      const half = (text.length * digitPx) / 2;
      assert.ok(middle - half > freeFrom + digitPx, `${text} of ${plotPx} px`);
      freeFrom = middle + half;
    }
  }
  assert.equal(tickText(99.99, 800), "99.99 %");
  assert.equal(tickText(99.999, 280), "99.999");
});
