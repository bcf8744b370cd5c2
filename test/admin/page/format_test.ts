import assert from "node:assert/strict";
import { test } from "node:test";
import {
  axisText,
  clockText,
  dateText,
  durationText,
  ratioText,
  shareText,
  shortCountText,
  shortDurationText,
} from "../../../src/admin/page/format.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

test("format: durations have two units at most", () => {
  const texts: [number, string][] = [
    [0, "0 s"],
    [499, "0 s"],
    [59_499, "59 s"],
    [59_600, "1 min"],
    [200_000, "3 min 20 s"],
    [60 * MINUTE_MS - 400, "1 h"],
    [90 * MINUTE_MS + 59_000, "1 h 30 min"],
    [DAY_MS, "1 d"],
    [DAY_MS + 61 * MINUTE_MS, "1 d 1 h"],
    [900 * DAY_MS, "900 d"],
    [-2_000, "−2 s"],
  ];
  for (const [ms, text] of texts) assert.equal(durationText(ms), text);
});

test("format: short durations have the larger unit alone", () => {
  const texts: [number, string][] = [
    [12_000, "12 s"],
    [136_000, "2 min"],
    [90 * MINUTE_MS, "1 h"],
    [-136_000, "−2 min"],
  ];
  for (const [ms, text] of texts) assert.equal(shortDurationText(ms), text);
});

test("format: times are UTC", () => {
  const ms = Date.parse("2026-05-01T23:59:58.999Z");
  assert.equal(clockText(ms), "23:59:58");
  assert.equal(dateText(ms), "2026-05-01");
});

test("format: shares, ratios and numbers of an axis", () => {
  assert.deepEqual([0, 0.004, 0.0996, 0.25, 1].map(shareText), [
    "0 %",
    "0.4 %",
    "10.0 %",
    "25 %",
    "100 %",
  ]);
  assert.deepEqual([0.4567, 1.2, 123.4].map(ratioText), [
    "0.457×",
    "1.20×",
    "123×",
  ]);
  assert.deepEqual([0.0099, 0.01, 12_345, 1e12].map(ratioText), [
    "<0.01×",
    "0.010×",
    "12.3k×",
    ">1000M×",
  ]);
  assert.deepEqual([0, 999_999, 12_345_678].map(shortCountText), [
    "0",
    "999,999",
    "12.3M",
  ]);
  assert.deepEqual([0, 0.25, 20, 999, 1_000, 25_500, 1_500_000].map(axisText), [
    "0",
    "0.25",
    "20",
    "999",
    "1k",
    "25.5k",
    "1.5M",
  ]);
});
