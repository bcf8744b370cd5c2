import assert from "node:assert/strict";
import { test } from "node:test";
import { WorldError } from "../../src/errors.ts";
import { replay, replayOnAllWorkerCounts } from "../support/replay_run.ts";

const LAST_MS = "253402300799999";
const END_OF_TIME = "9999-12-31T23:59:59.999999+00:00";

function visit(visitId: string, eventTime: string): string {
  return JSON.stringify({ visit_id: visitId, event_time: eventTime });
}

function control(watermarkJson: string): string {
  return `{"watermark": ${watermarkJson}}`;
}

/** Ids and watermarks of sessions, `late` and ids of late visits. */
function describe(output: readonly string[]): string[] {
  return output.map((line) => {
    const { session, late, rejected } = JSON.parse(line);
    if (rejected !== undefined) return rejected.reason;
    if (late !== undefined) return `late ${late.visit_id}`;
    const { watermark } = session.data_processing_context;
    return `${session.visit_id} ${watermark}`;
  });
}

/** For what the main thread alone decides. */
async function replayOnOne(lines: readonly string[]): Promise<string[]> {
  return describe(await replay(lines.join("\n")));
}

async function replayOnAll(lines: readonly string[]): Promise<string[]> {
  return describe(await replayOnAllWorkerCounts(lines.join("\n")));
}

test("replay accepts every visit before the first watermark", async () => {
  const output = await replayOnAll([
    visit("c", "9999-12-31T23:00:00Z"),
    visit("b", "2024-06-01T00:00:00Z"),
    visit("a", "0001-01-01T00:00:00Z"),
    control('"2024-06-01T00:30:00Z"'),
  ]);
  assert.deepEqual(output, [
    "a 2024-06-01T00:30:00+00:00",
    "b 2024-06-01T00:30:00+00:00",
  ]);
});

test("replay fires nothing at the end of the file", async () => {
  const lines = [visit("a", "2024-06-01T00:00:00Z")];
  assert.deepEqual(await replayOnAll(lines), []);
  assert.deepEqual(await replay(""), []);
});

test("replay clears all at the end of time and takes no visit after", async () => {
  const output = await replayOnAll([
    visit("c", "9999-12-31T23:59:59Z"),
    visit("b", "2024-06-01T00:00:00Z"),
    visit("a", "2024-06-01T00:00:01Z"),
    control("9223372036854775807"),
    visit("c", "9999-12-31T23:59:59Z"),
    control("9223372036854775807"),
  ]);
  assert.deepEqual(output, [
    `b ${END_OF_TIME}`,
    `a ${END_OF_TIME}`,
    `c ${END_OF_TIME}`,
    "late c",
  ]);
});

test("replay takes ms above 9999-12-31T23:59:59.999Z for the end of time", async () => {
  for (const ms of ["253402300800000", "9223372036854775808", "1e30"]) {
    const output = await replay(
      `${visit("a", "9999-12-31T23:30:00Z")}\n${control(ms)}\n`,
      { withMetadata: true },
    );
    const { session } = JSON.parse(output[0]!);
    assert.equal(session.data_processing_context.watermark, END_OF_TIME);
    assert.equal(session.metadata["close-reason"], "end-of-input");
    assert.equal(session.metadata.final, "true");
  }
});

test("replay takes 9999-12-31T23:59:59.999Z itself for a time", async () => {
  const output = await replayOnOne([
    visit("a", "9999-12-31T23:45:00Z"),
    visit("b", "9999-12-31T23:55:00Z"),
    control(LAST_MS),
    visit("a", "9999-12-31T23:44:00Z"),
  ]);
  const watermark = "9999-12-31T23:59:59.999000+00:00";
  assert.deepEqual(output, [`a ${watermark}`, `a ${watermark}`]);
});

test("replay reads watermarks as ms, and as ISO with any offset", async () => {
  const output = await replayOnOne([
    visit("a", "2024-06-01T00:00:00Z"),
    control(String(Date.UTC(2024, 5, 1, 0, 10))),
    visit("b", "2024-06-01T00:05:00Z"),
    control('"2024-06-01T02:15:00.0019+02:00"'),
    visit("c", "2024-06-01T00:10:00Z"),
    ' {"\\u0077atermark" : "2024-06-01 00:20Z"} ',
  ]);
  assert.deepEqual(output, [
    "a 2024-06-01T00:10:00+00:00",
    "b 2024-06-01T00:15:00.001000+00:00",
    "c 2024-06-01T00:20:00+00:00",
  ]);
});

test("replay reads watermarks before 1970", async () => {
  const output = await replayOnOne([
    visit("a", "1969-12-31T23:00:00Z"),
    control("-3000002"),
    control("-2999999"),
  ]);
  assert.deepEqual(output, ["a 1969-12-31T23:10:00.001000+00:00"]);
});

test("replay takes a line with more keys than watermark for a visit", async () => {
  const output = await replayOnOne([
    '{"watermark": "2024-06-01T00:30:00Z", "note": 1}',
    '{"visit_id": "a", "event_time": "2024-06-01T00:00Z", "watermark": 1}',
    control('"2024-06-01T00:10:00Z"'),
  ]);
  assert.deepEqual(output, ["visit_id_missing", "a 2024-06-01T00:10:00+00:00"]);
});

test("replay knows a control line whatever lines came before", async () => {
  const output = await replayOnOne([
    '{"watermar\\\\": "2024-06-01T00:50:00Z"}',
    visit("a", "2024-06-01T00:00:00Z"),
    '{"watermar\\u006b": "2024-06-01T00:20:00Z"}',
    visit("b", "2024-06-01T00:15:00Z"),
    '{"watermark": 1, "watermark": "2024-06-01T00:30:00Z"}',
  ]);
  assert.deepEqual(output, [
    "visit_id_missing",
    "a 2024-06-01T00:20:00+00:00",
    "b 2024-06-01T00:30:00+00:00",
  ]);
});

test("replay skips blank lines and strips CR", async () => {
  const lines = [
    "\r\n\n",
    visit("a", "2024-06-01T00:00:00Z"),
    "\r\n\n",
    control('"2024-06-01T00:10:00Z"'),
    "\r\n\r\n",
  ];
  const output = await replay(lines.join(""));
  assert.equal(output.length, 1);
});

test("replay fails on a malformed control line and says which", async () => {
  const times = [
    ...["null", '"soon"', '"2024-06-01T00:00:00"', '"1717200000000"', "1.5"],
    ...["true", "[1]", '{"ms": 1}', "-1e999", '""'],
  ];
  for (const time of times) {
    const lines = [visit("a", "2024-06-01T00:00:00Z"), control(time)];
    await assert.rejects(
      replay(lines.join("\n")),
      (error) => error instanceof WorldError && /line 2\b/.test(error.message),
      time,
    );
  }
});
