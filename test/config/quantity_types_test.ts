import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  formatDuration,
  formatSize,
  parseDuration,
  parseRate,
  parseSize,
} from "../../src/config/quantity_types.ts";

test("parseDuration() reads one or more amounts with units", () => {
  assert.equal(parseDuration("10m"), 600_000);
  assert.equal(parseDuration("20s"), 20_000);
  assert.equal(parseDuration("500ms"), 500);
  assert.equal(parseDuration("1h30m"), 5_400_000);
  assert.equal(parseDuration("1.5h"), 5_400_000);
  assert.equal(parseDuration("1d"), 86_400_000);
  assert.equal(parseDuration("0"), 0);
  assert.equal(parseDuration("0s"), 0);
});

test("parseDuration() refuses what has no unit or no whole ms", () => {
  for (const text of ["", "10", "ten", "-5m", "5 m", "m", "10m5", "0.1ms"]) {
    assert.equal(parseDuration(text), undefined, text);
  }
});

test("formatDuration() writes what parseDuration() reads back", () => {
  assert.equal(formatDuration(5_400_000), "1h30m");
  assert.equal(formatDuration(0), "0");
  fc.assert(
    fc.property(fc.nat({ max: 31_622_400_000 }), (ms) => {
      assert.equal(parseDuration(formatDuration(ms)), ms);
    }),
  );
});

test("parseSize() reads bytes with and without a unit", () => {
  assert.equal(parseSize("64MiB"), 67_108_864);
  assert.equal(parseSize("1.5KiB"), 1536);
  assert.equal(parseSize("2 MB"), 2_000_000);
  assert.equal(parseSize("4096"), 4096);
  assert.equal(parseSize("12B"), 12);
});

test("parseSize() refuses other text and parts of a byte", () => {
  for (const text of ["", "MiB", "1TiB", "-1", "1.5", "1kiB", "x64MiB"]) {
    assert.equal(parseSize(text), undefined, text);
  }
});

test("formatSize() writes what parseSize() reads back", () => {
  assert.equal(formatSize(1024 ** 2), "1MiB");
  assert.equal(formatSize(1000), "1000");
  fc.assert(
    fc.property(fc.nat(), (bytes) => {
      assert.equal(parseSize(formatSize(bytes)), bytes);
    }),
  );
});

test("a rate is a number, with a thousand or a million in short", () => {
  const texts: [string, number | undefined][] = [
    ["50000/s", 50_000],
    ["50000", 50_000],
    ["50k", 50_000],
    ["2.5k/s", 2_500],
    ["1M /s", 1_000_000],
    ["0.5", 0.5],
    ["k", undefined],
    ["5K", undefined],
    ["5kk", undefined],
    ["0k", 0],
    ["", undefined],
  ];
  for (const [text, rate] of texts) assert.equal(parseRate(text), rate, text);
});
