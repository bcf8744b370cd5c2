import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  MAX_EVENT_TIME_MS,
  MIN_EVENT_TIME_MS,
  parseEventTime,
} from "../../src/window/event_time.ts";

function assertInstants(cases: Readonly<Record<string, string>>): void {
  for (const [text, utc] of Object.entries(cases)) {
    assert.equal(parseEventTime(text), Date.parse(utc), text);
  }
}

function assertFaults(fault: string, texts: readonly string[]): void {
  for (const text of texts) assert.equal(parseEventTime(text), fault, text);
}

test("parseEventTime() reads every form of date, time and offset", () => {
  assertInstants({
    "2024-06-01T01:12:04+00:00": "2024-06-01T01:12:04Z",
    "2024-06-01 01:12:04Z": "2024-06-01T01:12:04Z",
    "2024-06-01T01:12Z": "2024-06-01T01:12:00Z",
    "2024-06-01T01:12-0530": "2024-06-01T06:42:00Z",
    "2024-06-01T01:12:04+05:30": "2024-05-31T19:42:04Z",
    "2024-06-01T01:12:04.5+23:59": "2024-05-31T01:13:04.500Z",
    "2024-02-29T23:59:59-00:00": "2024-02-29T23:59:59Z",
    "2000-02-29T00:00Z": "2000-02-29T00:00:00Z",
  });
});

test("parseEventTime() rounds fractions down to whole ms", () => {
  assertInstants({
    "2024-06-01T00:00:00.1Z": "2024-06-01T00:00:00.100Z",
    "2024-06-01T00:00:00.9999999999Z": "2024-06-01T00:00:00.999Z",
    "1969-12-31T23:59:59.0019Z": "1969-12-31T23:59:59.001Z",
  });
});

test("parseEventTime() takes the years 1 to 9999 in UTC", () => {
  assert.equal(parseEventTime("0001-01-01T00:00Z"), MIN_EVENT_TIME_MS);
  assert.equal(parseEventTime("9999-12-31T23:59:59.9999Z"), MAX_EVENT_TIME_MS);
  assertInstants({ "0099-03-01T00:00Z": "0099-03-01T00:00:00Z" });
  assertFaults("event_time_out_of_range", [
    "0000-12-31T23:59:59Z",
    "0000-12-31T23:59:59-01:00",
    "0001-01-01T00:00+00:01",
    "9999-12-31T23:59:59-00:01",
  ]);
});

test("parseEventTime() misses the offset", () => {
  assertFaults("event_time_no_offset", [
    "2024-06-01T01:12:04",
    "2024-06-01 01:12",
    "2024-06-01T01:12:04.5",
    "0000-01-01T00:00",
  ]);
});

test("parseEventTime() refuses what is no date", () => {
  assertFaults("event_time_invalid", [
    "2024-02-30T00:00Z",
    "2023-02-29T00:00Z",
    "1900-02-29T00:00Z",
    "2024-04-31T00:00Z",
    "2024-00-01T00:00Z",
    "2024-13-01T00:00Z",
    "2024-01-00T00:00Z",
    "2024-01-32T00:00",
  ]);
});

test("parseEventTime() refuses what is no time or offset", () => {
  assertFaults("event_time_invalid", [
    "2024-06-01T24:00Z",
    "2024-06-01T00:60Z",
    "2024-06-01T00:00:60Z",
    "2024-06-01T00:00+24:00",
    "2024-06-01T00:00+00:60",
    "2024-06-01T00:00+05",
    "2024-06-01T00:00:00.Z",
    "2024-06-01T00:00.5Z",
    "2024-06-01T00:00:00,5Z",
    "2024-06-01T00Z",
  ]);
});

test("parseEventTime() refuses other syntax", () => {
  assertFaults("event_time_invalid", [
    "",
    "now",
    "2024-06-01",
    "20240601T000000Z",
    "2024-06-01t00:00Z",
    "2024-06-01T00:00z",
    " 2024-06-01T00:00Z",
    "2024-06-01T00:00Z\n",
    "2024-06-01T00:00 Z",
    "12024-06-01T00:00Z",
    "-2024-06-01T00:00Z",
    "２０２４-06-01T00:00Z",
    "2024-06-01T00:00−01:00",
  ]);
});

test("parseEventTime() agrees with Date.parse() on any instant", () => {
  const instants = fc.integer({
    min: MIN_EVENT_TIME_MS,
    max: MAX_EVENT_TIME_MS,
  });
  fc.assert(
    fc.property(instants, (instantMs) => {
      const text = new Date(instantMs).toISOString();
      assert.equal(parseEventTime(text), instantMs);
    }),
  );
});
