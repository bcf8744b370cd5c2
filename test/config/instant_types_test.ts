import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod/mini";
import { GENERATION_TIME, INSTANT_MS } from "../../src/config/instant_types.ts";

test("INSTANT_MS reads an instant with an offset", () => {
  const expectedMs = Date.UTC(2024, 5, 1);
  for (const text of [
    "2024-06-01T00:00:00Z",
    "2024-06-01 00:00Z",
    "2024-06-01T05:30:00+05:30",
  ]) {
    assert.equal(z.parse(INSTANT_MS.codec, text), expectedMs, text);
  }
});

test("INSTANT_MS refuses days that are none and instants without an offset", () => {
  for (const text of ["2024-06-01T00:00:00", "2024-06-31T00:00:00Z", "June"]) {
    assert.equal(z.safeParse(INSTANT_MS.codec, text).success, false, text);
  }
});

test("GENERATION_TIME gives UTC with six digits and no offset", () => {
  const cases = {
    "2024-08-14T03:03:41.035179": "2024-08-14T03:03:41.035179",
    "2024-08-14T03:03:41Z": "2024-08-14T03:03:41.000000",
    "2024-08-14T03:03:41.5+02:00": "2024-08-14T01:03:41.500000",
    "2024-08-14T03:03:41.1234567Z": "2024-08-14T03:03:41.123456",
  };
  for (const [text, expected] of Object.entries(cases)) {
    assert.equal(z.parse(GENERATION_TIME.codec, text), expected);
  }
});
