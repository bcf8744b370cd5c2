import assert from "node:assert/strict";
import { test } from "node:test";
import { recordJson, sessionOf } from "../../src/tail/session_record.ts";
import { followed, sessionHeaders, sessionValue } from "./tailed_session.ts";

const SHOWN = {
  visitId: "140083900046208_6",
  start: "2024-06-01T01:02:03+00:00",
  end: "2024-06-01T01:12:44+00:00",
  pages: ["home", "?", "cart"],
  sessionId: "0-12",
  revision: 0,
  isFinal: true,
  closeReason: "gap",
  supersedes: [],
};

test("sessionOf() reads a session and its headers", () => {
  assert.deepEqual(sessionOf(followed()), SHOWN);
  const headers = sessionHeaders({
    ...{ revision: "2", final: "false" },
    ...{ "close-reason": "late-update", supersedes: "0-3,1-4" },
  });
  assert.deepEqual(sessionOf(followed({ headers })), {
    ...SHOWN,
    ...{ revision: 2, isFinal: false, closeReason: "late-update" },
    supersedes: ["0-3", "1-4"],
  });
});

test("sessionOf() does without headers, and takes the metadata of JSON lines", () => {
  const headers = {};
  assert.deepEqual(sessionOf(followed({ headers })), {
    ...SHOWN,
    ...{ sessionId: null, revision: null, isFinal: null, closeReason: null },
  });
  const metadata = { "session-id": "3-4", revision: 1, final: false };
  const value = sessionValue({ metadata });
  assert.deepEqual(sessionOf(followed({ headers, value })), {
    ...SHOWN,
    ...{ sessionId: "3-4", revision: 1, isFinal: false, closeReason: null },
  });
});

test("sessionOf() takes no revision from a header of others", () => {
  for (const revision of ["abc", "", "-1", "1.5", "1e3", "9".repeat(40)]) {
    const headers = sessionHeaders({ revision });
    assert.deepEqual(
      sessionOf(followed({ headers })),
      { ...SHOWN, revision: null },
      revision,
    );
  }
});

test("sessionOf() says why a record is no session", () => {
  const cases: [string | null, RegExp][] = [
    [null, /no value/],
    ["", /no JSON/],
    ["{", /no JSON/],
    ["[]", /no object/],
    ["null", /no object/],
    ['"text"', /no object/],
    ['{"visit_id": "a", "event_time": "x"}', /start_time/],
    [sessionValue({ visit_id: 5 }), /visit_id/],
    [sessionValue({ visited_pages: [{}] }), /visited_pages/],
    [sessionValue({ visited_pages: [["home"]] }), /visited_pages/],
  ];
  for (const [value, expected] of cases) {
    const shown = sessionOf(followed({ value }));
    assert.match(String(shown), expected, String(value));
  }
});

test("recordJson() is one line of JSON, with the value as it is", () => {
  const value = '{"visit_id": "a",   "n": 1.0}';
  assert.equal(
    recordJson(followed({ value, headers: { final: "true" } })),
    '{"partition":2,"offset":7,"timestamp":"2024-06-01T00:00:00.000Z",' +
      `"headers":{"final":"true"},"value":${value}}`,
  );
  const pretty = JSON.stringify(JSON.parse(sessionValue()), null, 2);
  const line = recordJson(followed({ value: pretty, timestampMs: -1 }));
  assert.doesNotMatch(line, /\n/);
  const { value: parsed, timestamp } = JSON.parse(line);
  assert.deepEqual(parsed, JSON.parse(pretty));
  assert.equal(timestamp, null);
});
