import assert from "node:assert/strict";
import { test } from "node:test";
import type { RejectionReason } from "../../src/window/rejection.ts";
import { LIKE_KEYS } from "../support/json_mutations.ts";
import { replay, replayOnAllWorkerCounts } from "../support/replay_run.ts";

const TIME = '"event_time": "2024-06-01T00:00:00Z"';

/** Records that are no visits. `empty` cannot be: blank lines are skipped. */
const REJECTED: readonly (readonly [RejectionReason, string])[] = [
  ["too_large", `{"visit_id": "${"x".repeat(1024 * 1024)}"}`],
  ["not_json", '{"visit_id": "a"'],
  ["not_json", `{"visit_id": "a", ${TIME}, "n": NaN}`],
  ["not_json", `\ufeff{"visit_id": "a", ${TIME}}`],
  ["not_object", `["visit_id", "a"]`],
  ["not_object", "null"],
  ["visit_id_missing", `{"context": {"visit_id": "a"}, ${TIME}}`],
  ["visit_id_missing", `{"visit_id": null, ${TIME}}`],
  ["visit_id_missing", '{"événement": "😀"}'],
  ["visit_id_invalid", `{"visit_id": "", ${TIME}}`],
  ["visit_id_invalid", `{"visit_id": "a", "visit_id": 7, ${TIME}}`],
  ["event_time_missing", '{"visit_id": "a"}'],
  ["event_time_missing", '{"visit_id": "a", "event_time": null}'],
  ["event_time_invalid", '{"visit_id": "a", "event_time": 1717200000000}'],
  [
    "event_time_invalid",
    '{"visit_id": "a", "event_time": "2024-06-31T00:00Z"}',
  ],
  [
    "event_time_no_offset",
    '{"visit_id": "a", "event_time": "2024-06-01T00:00"}',
  ],
  [
    "event_time_out_of_range",
    '{"visit_id": "a", "event_time": "0001-01-01T00:00+01:00"}',
  ],
  [
    "event_time_out_of_range",
    '{"visit_id": "a", "event_time": "9999-12-31T23:59:59-01:00"}',
  ],
  ["page_invalid", `{"visit_id": "a", ${TIME}, "page": 1, "user_id": 1}`],
  ["user_id_invalid", `{"visit_id": "a", ${TIME}, "user_id": ["u"]}`],
];

test("replay gives rejected records as they came in, with the reason", async () => {
  const notUtf8 = Buffer.from(`{"visit_id": "\xe9", ${TIME}}`, "latin1");
  const lines = REJECTED.map(([, record]) => Buffer.from(`${record}\n`));
  const output = await replayOnAllWorkerCounts(
    Buffer.concat([...lines, notUtf8]),
  );
  const record_base64 = notUtf8.toString("base64");
  assert.deepEqual(
    output.map((line) => JSON.parse(line).rejected),
    [
      ...REJECTED.map(([reason, record]) => ({ reason, record })),
      { reason: "not_utf8", record_base64 },
    ],
  );
});

test("replay reads keys that are written alike, in any order", async () => {
  const end = '{"watermark": 9223372036854775807}';
  for (const lines of [LIKE_KEYS, LIKE_KEYS.toReversed()]) {
    const output = await replayOnAllWorkerCounts([...lines, end].join("\n"));
    const [rejected, ...sessions] = output.map((line) => JSON.parse(line));
    assert.deepEqual(rejected, {
      rejected: { reason: "visit_id_missing", record: LIKE_KEYS[0] },
    });
    assert.deepEqual(
      sessions.map(({ session }) => [session.visit_id, session.user_id[0]]),
      [
        ["b0", null],
        ["p0", null],
        ["p2", null],
        ["v1", null],
        ["v2", "someone"],
      ],
    );
  }
});

test("replay refuses rules that look at the time of day", async () => {
  await assert.rejects(replay("", { window: { maxSkewMs: 60_000 } }), {
    name: "UsageError",
    message:
      "Cannot replay: --max-skew compares with a record's own time, and lines have none",
  });
});

test("replay gives late visits as they came in", async () => {
  const late =
    '{"b": [1e3, {"é": "\\ud800\\/"}],  "event_time":"2024-06-01 00:00Z",' +
    '"visit_id": "\\u0061", "page": null, "visit_id": "😀"}';
  const input = `{"watermark": "2024-06-02T00:00Z"}\n${late}\n`;
  assert.deepEqual(await replayOnAllWorkerCounts(input), [`{"late": ${late}}`]);
});

test("replay counts every visit once: in sessions, late or rejected", async () => {
  const minute = (at: number) =>
    new Date(Date.UTC(2024, 5, 1, 0, at)).toISOString();
  const lines: string[] = [];
  for (let i = 0; i < 3000; i++) {
    const event_time = minute((i % 600) + ((i * 7919) % 60));
    const visit_id = `v${(i * 31) % 50}`;
    lines.push(JSON.stringify({ visit_id, event_time, page: String(i) }));
    if (i % 40 === 0) lines.push(`{"watermark": "${minute(i % 600)}"}`);
    if (i % 100 === 0) lines.push(`{"page": "${i}"}`);
  }
  lines.push('{"watermark": 9223372036854775807}');
  const output = await replayOnAllWorkerCounts(lines.join("\n"));
  const pages = new Set<string>();
  let rejected = 0;
  let late = 0;
  for (const line of output) {
    const it = JSON.parse(line);
    if ("rejected" in it) rejected++;
    else if ("late" in it) late++;
    else for (const { page } of it.session.visited_pages[0]) pages.add(page);
  }
  assert.equal(rejected, 30);
  assert.ok(late > 0);
  assert.equal(pages.size + late, 3000);
});

test("replay says how long a rejected record was of which the start is kept", async () => {
  const length = 2_500_000;
  const output = await replayOnAllWorkerCounts(`${"x".repeat(length)}\n`);
  const [{ rejected }] = output.map((line) => JSON.parse(line));
  assert.equal(rejected.reason, "too_large");
  assert.equal(rejected.record.length, 2 << 20);
  assert.equal(rejected["value-bytes"], length);
});
