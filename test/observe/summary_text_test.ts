import assert from "node:assert/strict";
import { test } from "node:test";
import { DurabilityMeters } from "../../src/observe/durability_meters.ts";
import { summaryText } from "../../src/observe/summary_text.ts";
import { summaryOf } from "./support.ts";

test("summaryText() shows throughput and the four numbers", () => {
  assert.equal(
    summaryText(summaryOf()),
    `200,961 visits in 1.23 s, 162,787 visits/s
  in sessions            200,602   19,456 sessions written
  in open windows              0
  late                        38
  rejected                   321   not_json 221, visit_id_missing 100
  cpu                 2.00 s in all, 9.95 s a million visits   main thread 0.50 s   shards 0.70 s, 0.60 s
`,
  );
});

test("summaryText() shows what a run has committed and brought back", () => {
  const meters = new DurabilityMeters();
  meters.count("commits", 1234);
  meters.count("deltaBytes", 12_345_678);
  meters.set("logBytes", 2_500_000);
  meters.set("liveBytes", 999);
  meters.time("commit", 8);
  const lines = () =>
    summaryText(summaryOf({ durability: meters.summary() })).split("\n");
  assert.equal(
    lines()[5],
    "  commits                  1,234   12.3 MB of changes written, window log 2.5 MB, 999 B of it needed",
  );
  assert.match(lines()[6]!, /^ {2}commit latency +p50 8 ms /);
  meters.count("restores", 2);
  meters.count("restoredSessions", 1000);
  meters.count("recoveries");
  assert.deepEqual(lines().slice(6, 8), [
    "  restored                     2   partitions, 1,000 open sessions came back",
    "  recoveries                   1   failures after which it began again",
  ]);
});

test("summaryText() adds up where windows came back", () => {
  const text = summaryText(summaryOf({ restoredVisits: 91_986 }));
  assert.match(
    text.split("\n")[1]!,
    /^ {2}and came back +91,986 {3}visits in windows that were open/,
  );
});

test("summaryText() shows latencies where there are any", () => {
  const processing = {
    count: 10,
    p50Ms: 0.123,
    p90Ms: 1.5,
    p99Ms: 12.34,
    p999Ms: 123.4,
    p9999Ms: 1000,
    maxMs: 61_234,
  };
  const { latency } = summaryOf();
  const text = summaryText(summaryOf({ latency: { ...latency, processing } }));
  assert.match(
    text,
    /^ {2}processing latency +p50 123 µs +p90 1\.5 ms +p99 12\.3 ms +p99\.9 123 ms +max 61\.2 s$/m,
  );
  assert.doesNotMatch(text, /closing latency/);
});

test("summaryText() tells of open sessions", () => {
  const summary = summaryOf({
    inSessions: 200_000,
    inOpenWindows: 600,
    openSessions: 50,
  });
  const text = summaryText(summary);
  assert.match(text, /^ {2}in open windows +600 {3}50 sessions open$/m);
});

test("summaryText() tells of sessions that are kept for late visits", () => {
  const summary = summaryOf({ inOpenWindows: 97, openSessions: 13_151 });
  const note = / 97 {3}13,151 sessions open, or kept for late visits$/m;
  assert.match(summaryText(summary), note);
});

test("summaryText() names no rate of a few visits", () => {
  const text = summaryText(summaryOf({ visitsIn: 2 }));
  assert.match(text, /^ {2}cpu +2\.00 s in all {3}main thread 0\.50 s /m);
});

test("summaryText() tells of dropped windows and of large sessions", () => {
  const summary = summaryOf({ late: 0, dropped: 38, oversized: 3 });
  const text = summaryText(summary);
  assert.match(text, /19,456 sessions written, 3 too large: dead letters$/m);
  assert.match(text, /^ {2}dropped +38 {3}of partitions/m);
});

test("summaryText() tells visits that went with their topic from those that are read again", () => {
  const text = summaryText(summaryOf({ dropped: 38, droppedForGood: 30 }));
  assert.match(text, /^ {2}dropped for good +30 {3}of a topic that was del/m);
  assert.match(text, /^ {2}dropped +8 {3}/m);
  const all = summaryText(summaryOf({ dropped: 38, droppedForGood: 38 }));
  assert.doesNotMatch(all, /^ {2}dropped +\d/m);
});

test("summaryText() tells of records that were gone before they were read", () => {
  const text = summaryText(summaryOf({ goneRecords: 1_234 }));
  assert.match(text, /^ {2}gone +1,234 {3}records deleted before they were/m);
  assert.doesNotMatch(summaryText(summaryOf({})), /gone/);
});

test("summaryText() counts large sessions that nobody has taken apart", () => {
  const text = summaryText(summaryOf({ sessions: 1, notWritten: 1 }));
  assert.match(text, /1 sessions written, 1 not written, too large$/m);
});

test("summaryText() of a failed run says what is not known to be done", () => {
  const text = summaryText(
    summaryOf({ outcome: "failed", underWay: 38, late: 0, unacknowledged: 5 }),
  );
  assert.match(text, /^Failed after 200,961 visits in 1\.23 s, 162,787 /);
  assert.match(text, /19,456 sessions written, 5 not confirmed by the sink$/m);
  assert.match(text, /^ {2}under way +38 {3}no shard has reported on them$/m);
});
