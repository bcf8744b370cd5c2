import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countText,
  elapsedText,
  latencyText,
  sizeText,
  watermarkText,
} from "../../src/observe/number_text.ts";

test("countText() puts commas between thousands", () => {
  assert.equal(countText(0), "0");
  assert.equal(countText(999.6), "1,000");
  assert.equal(countText(1_234_567), "1,234,567");
  assert.equal(countText(-2000), "-2,000");
});

test("latencyText() chooses the unit", () => {
  assert.equal(latencyText(0.0123), "12.3 µs");
  assert.equal(latencyText(2), "2 ms");
  assert.equal(latencyText(999_499), "999 s");
  assert.equal(latencyText(1_230_000), "1,230 s");
  assert.equal(latencyText(123.456), "123 ms");
  assert.equal(latencyText(1234), "1.23 s");
});

test("sizeText() has three digits and a unit of thousands", () => {
  assert.equal(sizeText(0), "0 B");
  assert.equal(sizeText(999), "999 B");
  assert.equal(sizeText(1000), "1 kB");
  assert.equal(sizeText(12_345_678), "12.3 MB");
  assert.equal(sizeText(2e15), "2000 TB");
});

test("watermarkText() has words for no watermark and for the last one", () => {
  assert.equal(watermarkText(-Infinity), "none yet");
  assert.equal(watermarkText(Infinity), "end of input");
  assert.equal(watermarkText(Date.UTC(2024, 5, 1)), "2024-06-01 00:00:00Z");
});

test("elapsedText() goes from seconds to minutes", () => {
  assert.equal(elapsedText(1234), "1.23 s");
  assert.equal(elapsedText(245_000), "4 min 05 s");
});
