import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type LatencyLine,
  latencyPlot,
} from "../../src/latency/latency_plot.ts";

const LINE: LatencyLine = {
  name: "lone",
  points: [
    [0, 0.002],
    [10, 12],
    [90, 30],
    [99, 45],
  ],
  maxMs: 45,
};

/** The axis of ms, from the bottom up, and where the first line begins. */
function plotted(lines: readonly LatencyLine[]) {
  const svg = latencyPlot([{ title: "t", lines }]);
  const ticks = [...svg.matchAll(/text-anchor="end">([^<]+)</g)];
  const points = /points="([^"]*)"/.exec(svg)![1]!;
  return { ticks: ticks.map(([, text]) => text), points: points.split(" ") };
}

test("the ms axis begins with what lines are made of, not with their least latency", () => {
  const { ticks, points } = plotted([LINE]);
  assert.deepEqual(ticks, ["10 ms", "100 ms"]);
  assert.equal(points.length, 3);
});

test("a least latency that is on the axis is drawn", () => {
  const [, ...rest] = LINE.points;
  const line = { ...LINE, points: [[0, 11] as const, ...rest] };
  assert.equal(plotted([line]).points.length, 4);
});

test("a line of one latency, or of zeros, has an axis too", () => {
  const one = { ...LINE, points: [[0, 45] as const] };
  assert.deepEqual(plotted([one]).ticks, ["10 ms", "100 ms"]);
  const zero = { ...LINE, points: [[0, 0] as const, [50, 0] as const] };
  assert.deepEqual(plotted([zero]).ticks, ["100 µs", "1 ms"]);
  assert.deepEqual(plotted([{ ...LINE, points: [] }]).ticks.length, 2);
});
