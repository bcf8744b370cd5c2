import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeQueryText } from "../../src/observe/query_text.ts";
import { openSession } from "./made_session.ts";
import { MadeView } from "./made_view.ts";
import { servedAdmin } from "./served_admin.ts";

test("explain: a sentence and its numbers", async (t) => {
  const view = new MadeView();
  view.open = new Map([["v7", [openSession("v7")]]]);
  const { ask } = await servedAdmin(t, view);
  const { status, json } = await ask("/explain/v7");
  assert.equal(status, 200);
  assert.match(json.sentence, /^Session 0-7 of "v7" is open: it ends at/);
  assert.equal(json.sessions[0].waitsFor, "end");
  assert.equal(json.sessions[0].missingMs, 600_001 + 1_200_000);
  const none = (await ask("/explain/v8")).json;
  assert.match(none.sentence, /^"v8" has no open session here/);
});

test("explain, look-ups: a query asks for any visit_id", async (t) => {
  const view = new MadeView();
  const names = [
    ".",
    "..",
    " v7 ",
    "a/b",
    "v…",
    "\uD800",
    "a\uDFFF😀\n",
    "\u0000",
  ];
  view.open = new Map(names.map((name) => [name, [openSession(name)]]));
  const { ask } = await servedAdmin(t, view);
  for (const name of names) {
    const query = `?visit_id=${encodeQueryText(name)}`;
    const { status, json } = await ask(`/explain${query}`);
    assert.equal(status, 200, query);
    assert.equal(json.visitId, name);
    assert.equal(json.sessions.length, 1, query);
    const { lookUps } = (await ask(`/look-ups${query}`)).json;
    assert.equal(lookUps[0].visitId, name);
    assert.equal(lookUps[0].sessions.length, 1, query);
  }
  const wrong: [string, RegExp][] = [
    ["/explain", /: its parameter visit_id is missing$/],
    ["/explain?visit_id=", /visit_id must NOT have fewer than 1 char/],
    ["/explain?visit_id=a&visit_id=b", /visit_id must be string/],
    ["/explain?visit_id=a&b=c", /no parameter "b"/],
  ];
  for (const [path, sentence] of wrong) {
    const { status, json } = await ask(path);
    assert.equal(status, 400, path);
    assert.match(json.error, sentence, path);
  }
});
