import assert from "node:assert/strict";
import { test } from "node:test";
import { FetchPace } from "../../../src/source/kafka/fetch_pace.ts";

const SENT_AT_MS = 1_000;

function paceAfterRequest(): FetchPace {
  const pace = new FetchPace();
  pace.noteRequest(SENT_AT_MS);
  return pace;
}

test("FetchPace lets the first request go at once", () => {
  assert.equal(new FetchPace().waitMs(SENT_AT_MS), 0);
});

test("FetchPace counts from when the last request was sent", () => {
  const pace = paceAfterRequest();
  assert.equal(pace.waitMs(SENT_AT_MS), 3);
  assert.equal(pace.waitMs(SENT_AT_MS + 2), 1);
  pace.noteRequest(SENT_AT_MS + 2);
  assert.equal(pace.waitMs(SENT_AT_MS + 3), 2);
});

test("FetchPace lets a request go that was due, or nearly so", () => {
  const pace = paceAfterRequest();
  assert.equal(pace.waitMs(SENT_AT_MS + 2.75), 0);
  assert.equal(pace.waitMs(SENT_AT_MS + 3), 0);
  assert.equal(pace.waitMs(SENT_AT_MS + 200), 0);
});
