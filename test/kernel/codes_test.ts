import assert from "node:assert/strict";
import { test } from "node:test";
import * as codes from "../../src/kernel/codes.ts";
import { failureSentence } from "../../src/kernel/host/failures.ts";
import {
  CLOSE_REASONS,
  closeReasonOf,
} from "../../src/kernel/host/session_names.ts";
import {
  REJECTION_REASONS,
  rejectionCode,
  rejectionReason,
} from "../../src/window/rejection.ts";

test("each family of codes has no number twice", () => {
  const entries = Object.entries(codes);
  for (const family of ["REJECT_", "TURN_", "CLOSE_", "FAIL_"]) {
    const ofFamily = entries.filter(([name]) => name.startsWith(family));
    assert.ok(ofFamily.length > 1, family);
    assert.equal(
      new Set(ofFamily.map(([, code]) => code)).size,
      ofFamily.length,
    );
  }
  const outcomes = [codes.VISIT, codes.ODD, codes.UNDECIDED];
  for (const reason of REJECTION_REASONS) {
    assert.ok(!outcomes.includes(rejectionCode(reason) as 0), reason);
  }
});

test("the places of a firing fill its list, each once", () => {
  const places = Object.entries(codes)
    .filter(([name]) => /^FIRED_(?!NUMBERS$)/.test(name))
    .map(([, place]) => place)
    .sort((a, b) => a - b);
  const all = Array.from({ length: codes.FIRED_NUMBERS }, (_, place) => place);
  assert.deepEqual(places, all);
});

test("names and codes lead to each other, and an unknown code to an error", () => {
  for (const [code, reason] of CLOSE_REASONS.entries()) {
    assert.equal(closeReasonOf(code), reason);
  }
  for (const reason of REJECTION_REASONS) {
    assert.equal(rejectionReason(rejectionCode(reason)), reason);
  }
  const noReason = /^RangeError: Cannot name close reason: code 99 is unknown$/;
  assert.throws(() => closeReasonOf(99), noReason);
  const noRejection = /^RangeError: Cannot name rejection: code 0 is unknown$/;
  assert.throws(() => rejectionReason(codes.VISIT), noRejection);
  assert.match(failureSentence(99), /unknown code 99$/);
});
