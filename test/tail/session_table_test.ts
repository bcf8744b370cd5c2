import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { PLAIN_STYLE, textStyle } from "../../src/observe/text_style.ts";
import { type ShownSession, sessionOf } from "../../src/tail/session_record.ts";
import { SessionTable } from "../../src/tail/session_table.ts";
import { followed, sessionHeaders, sessionValue } from "./tailed_session.ts";

function shown(json = {}, headers = {}): ShownSession {
  const session = sessionOf(
    followed({ value: sessionValue(json), headers: sessionHeaders(headers) }),
  );
  assert.ok(typeof session !== "string", String(session));
  return session;
}

const FIRST = shown();
const LATE = shown(
  { visit_id: "1", end_time: "2024-06-03T06:02:03+00:00" },
  {
    ...{ revision: "12", final: "false", "close-reason": "late-update" },
    supersedes: "0-3,1-4",
  },
);

function lines(room: number | null): string[] {
  const table = new SessionTable(room, PLAIN_STYLE);
  return [table.header(), table.line(FIRST), table.line(LATE)];
}

test("SessionTable fits 40 columns", () => {
  assert.deepEqual(lines(39), [
    "VISIT_ID     FROM - TO (UTC)     LENGTH",
    "140…46208_6  01:02:03-01:12:44  10m 41s",
    "1            01:02:03-06:02:03    2d 5h",
  ]);
});

test("SessionTable fits 80 columns", () => {
  assert.deepEqual(lines(79), [
    "VISIT_ID         FROM - TO (UTC)     LENGTH  VISITS  REV  FINAL  BECAUSE",
    "1400…00046208_6  01:02:03-01:12:44  10m 41s       3    0  final  gap",
    "1                01:02:03-06:02:03    2d 5h       3   12         late-update +2",
  ]);
});

test("SessionTable of 160 columns has the date, the id and the pages", () => {
  const [heading, first, late] = lines(159);
  assert.match(heading!, /^VISIT_ID +DATE +FROM .* BECAUSE +SESSION$/);
  assert.match(
    first!,
    /^140083900046208_6 +2024-06-01 .* 0-12 +home > \? > cart$/,
  );
  assert.match(late!, / late-update \+2 .* supersedes 0-3,1-4; home > \?…$/);
  assert.equal(late!.length, 159);
});

test("SessionTable cuts nothing where it is no terminal's, but long lists of pages", () => {
  const pages = Array.from({ length: 500 }, () => ({ page: "home" }));
  const visitId = "v".repeat(300);
  const long = shown({ visit_id: visitId, visited_pages: [pages] });
  const line = new SessionTable(null, PLAIN_STYLE).line(long);
  assert.ok(line.startsWith(`${visitId}  2024-06-01  `));
  assert.ok(line.length > 500 && line.length < 700, `${line.length}`);
});

test("SessionTable puts no text of half a megabyte into a line", () => {
  const huge = `v1${"x".repeat(500_000)}`;
  const long = shown(
    { visit_id: `${huge}v2` },
    { "session-id": huge, "close-reason": huge, supersedes: huge },
  );
  const line = new SessionTable(null, PLAIN_STYLE).line(long);
  assert.match(line, /^v1x+…x+v2 {2}2024-06-01 .* v1x+…/);
  assert.ok(line.length < 4000, `${line.length}`);
  assert.ok(new SessionTable(159, PLAIN_STYLE).line(long).length < 200);
});

test("SessionTable cuts no numbers and none of our own words", () => {
  const ours = shown(
    {},
    {
      ...{ revision: "1234", "close-reason": "end-of-input" },
      ...{ "session-id": "1234-12345678901234", supersedes: "0-1,".repeat(12) },
    },
  );
  const line = new SessionTable(159, PLAIN_STYLE).line(ours);
  assert.match(line, / 1234 .* end-of-input \+12 .*1234-12345678901234/);
});

test("SessionTable lets nothing through that moves a cursor, and fits any width", () => {
  const bad = shown(
    {
      visit_id: "a\u001b[2Jb\u0007",
      start_time: "\u001b[1A",
      visited_pages: [[]],
    },
    { "close-reason": "\u001b]0;x\u0007", supersedes: "\u009b1A" },
  );
  for (const room of [null, ...Array(200).keys()]) {
    const table = new SessionTable(room, PLAIN_STYLE);
    for (const line of [table.header(), table.line(bad), table.line(LATE)]) {
      assert.doesNotMatch(line, /\p{Cc}/u);
      assert.ok(room === null || room < 18 || line.length <= room, `${room}`);
    }
  }
});

test("SessionTable paints late updates, revisions and the last word", () => {
  const style = textStyle({ environment: { FORCE_COLOR: "1" }, isTTY: true });
  const table = new SessionTable(79, style);
  assert.ok(table.line(LATE).includes("\u001b[33mlate-update +2\u001b[39m"));
  assert.ok(table.line(FIRST).includes("\u001b[32mfinal\u001b[39m"));
  const plain = new SessionTable(79, PLAIN_STYLE).line(LATE);
  assert.equal(stripVTControlCharacters(table.line(LATE)), plain);
});

test("SessionTable shows times in UTC, and what is none as unknown", () => {
  const line = (start: string, end: string) =>
    new SessionTable(39, PLAIN_STYLE)
      .line(shown({ start_time: start, end_time: end }))
      .slice(13);
  const at = "2024-06-01T";
  assert.equal(
    line(`${at}02:02:03.5+02:00`, `${at}00:02:04`),
    "00:02:03-00:02:04       1s",
  );
  assert.equal(
    line(`${at}02:55:00+02:00`, `${at}02:02:00+01:00`),
    "00:55:00-01:02:00    7m 0s",
  );
  assert.equal(
    line(`${at}01:00:00Z`, `${at}00:00:00Z`),
    "01:00:00-00:00:00   -1h 0m",
  );
  assert.equal(line("soon", `${at}00:00:00Z`), "??:??:??-00:00:00        ?");
});
