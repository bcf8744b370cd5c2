import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVisit } from "../../src/window/visit_parser.ts";

const TIME = '"event_time": "2024-06-01T00:00:00.5Z"';

function assertRejected(reason: string, values: readonly string[]): void {
  for (const value of values) {
    assert.equal(parseVisit(Buffer.from(value)), reason, value);
  }
}

test("parseVisit() reads the fields that matter", () => {
  const value = `{"page": "home", "context": {"visit_id": 1}, ${TIME},
    "user_id": "u", "visit_id": "a"}`;
  assert.deepEqual(parseVisit(Buffer.from(value)), {
    visitId: "a",
    eventTime: "2024-06-01T00:00:00.5Z",
    timestampMs: Date.UTC(2024, 5, 1) + 500,
    page: "home",
    userId: "u",
  });
});

test("parseVisit() takes a null or missing page and user for null", () => {
  for (const rest of ["", ', "page": null', ', "user_id": null']) {
    const visit = parseVisit(Buffer.from(`{"visit_id": "a", ${TIME}${rest}}`));
    assert.ok(typeof visit === "object");
    assert.equal(visit.page, null);
    assert.equal(visit.userId, null);
  }
});

test("parseVisit() takes the last of duplicate keys and reads escapes", () => {
  const value = `{"visit_id": 1, "visit_id": "a\\u0062",
    "\\u0065vent_time": "2024-06-01T00:00Z", "__proto__": {"page": 1}}`;
  const visit = parseVisit(Buffer.from(value));
  assert.ok(typeof visit === "object");
  assert.equal(visit.visitId, "ab");
  assert.equal(visit.page, null);
});

test("parseVisit() takes a key for what it is, whatever keys came before", () => {
  const keys = ["visit_i\\\\", "visit_i\\u0064", "visit_id", '"', "visit_i\\/"];
  for (const before of keys) {
    for (const key of keys) {
      parseVisit(Buffer.from(`{${TIME}, "page": "p", "${before}": "x"}`));
      const value = `{${TIME}, "page": "p", "${key}": "x"}`;
      const visit = parseVisit(Buffer.from(value));
      const isVisit = key === "visit_id" || key === "visit_i\\u0064";
      if (typeof visit === "object") assert.ok(isVisit, `${before} ${key}`);
      else assert.ok(!isVisit, `${before} ${key} ${visit}`);
    }
  }
});

test("parseVisit() reads nesting of any depth", () => {
  for (const depth of [1, 29, 30, 31, 32, 1023, 1024, 1025, 100_000]) {
    for (const [open, close] of [
      ["[", "]"],
      ['{"visit_id":', "}"],
      ['[{"page":[],"x":', "}]"],
    ] as const) {
      const inside = (opened: number, closed: number) =>
        `${open.repeat(opened)}1${close.repeat(closed)}`;
      const record = (nested: string) =>
        Buffer.from(`{"visit_id": "a", ${TIME}, "x": ${nested}, "page": "p"}`);
      const visit = parseVisit(record(inside(depth, depth)));
      assert.ok(typeof visit === "object", `${open} ${depth}`);
      assert.equal(visit.visitId, "a");
      assert.equal(visit.page, "p");
      assertRejected("not_json", [
        record(inside(depth, depth - 1)).toString(),
        record(inside(depth, depth + 1)).toString(),
        inside(depth, 0),
      ]);
    }
  }
});

test("parseVisit() rejects bytes that are not UTF-8", () => {
  for (const bytes of [
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xe2, 0x82],
  ]) {
    const value = Buffer.concat([Buffer.from('{"a": "'), Buffer.from(bytes)]);
    assert.equal(parseVisit(value), "not_utf8");
  }
});

test("parseVisit() rejects what is not JSON", () => {
  assertRejected("not_json", [
    " ",
    "{",
    '{"visit_id": "a"',
    "{'visit_id': 'a'}",
    '{"a": NaN}',
    '{"a": 01}',
    '{"a": 1,}',
    '{"a": "\n"}',
    '{"a": "\\x"}',
    '{"a": "\\u00g0"}',
    '{"a": "\\u00',
    '{"a": "\\',
    '{"a": -}',
    '{"a": 1.}',
    '{"a": .5}',
    '{"a": 1e}',
    '{"a": 1e+}',
    '{"a": +1}',
    '{"a": nul}',
    '{"a": truely}',
    '{"a" 1}',
    '{"a": 1 "b": 2}',
    '{"a": [1 2]}',
    '{"a": [1,]}',
    '{"a": [1}}',
    '{"a": {"b": 1]}',
    "{,}",
    "{1: 2}",
    "{}}",
    '"a',
    "[",
    "-01",
    "\ufeff{}",
    "{} {}",
  ]);
});

test("parseVisit() rejects what is not an object", () => {
  assertRejected("not_object", ["null", "[]", '"{}"', "1", "true"]);
});

test("parseVisit() rejects a bad visit_id", () => {
  assertRejected("visit_id_missing", [
    "{}",
    '{"visit_id": null}',
    '{"context": {"visit_id": "a"}}',
    '{"__proto__": {"visit_id": "a"}}',
  ]);
  assertRejected("visit_id_invalid", [
    '{"visit_id": ""}',
    '{"visit_id": 0}',
    '{"visit_id": ["a"]}',
    '{"visit_id": false}',
  ]);
});

test("parseVisit() rejects a bad event_time", () => {
  const withTime = (json: string) => `{"visit_id": "a", "event_time": ${json}}`;
  assertRejected("event_time_missing", ['{"visit_id": "a"}', withTime("null")]);
  assertRejected("event_time_invalid", [
    withTime("0"),
    withTime('""'),
    withTime('"2024-06-31T00:00Z"'),
  ]);
  assertRejected("event_time_no_offset", [withTime('"2024-06-01T00:00"')]);
  assertRejected("event_time_out_of_range", [withTime('"0000-01-01T00:00Z"')]);
});

test("parseVisit() rejects an event_time after the latest allowed", () => {
  const value = Buffer.from(`{"visit_id": "a", ${TIME}, "page": 1}`);
  const atMs = Date.UTC(2024, 5, 1) + 500;
  assert.equal(parseVisit(value, atMs - 1), "event_time_too_far_ahead");
  assert.equal(parseVisit(value, atMs), "page_invalid");
});

test("parseVisit() rejects a page or user that is neither string nor null", () => {
  assertRejected("page_invalid", [
    `{"visit_id": "a", ${TIME}, "page": 1, "user_id": 1}`,
    `{"visit_id": "a", ${TIME}, "page": []}`,
  ]);
  assertRejected("user_id_invalid", [
    `{"visit_id": "a", ${TIME}, "user_id": false}`,
    `{"visit_id": "a", ${TIME}, "user_id": {}}`,
  ]);
});

test("parseVisit() gives the first reason that applies", () => {
  assertRejected("visit_id_missing", ['{"event_time": 1, "page": 1}']);
  assertRejected("event_time_missing", ['{"visit_id": "a", "page": 1}']);
});
