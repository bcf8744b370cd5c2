import assert from "node:assert/strict";
import { test } from "node:test";
import type { OpenSessionForm } from "../../src/observe/run_view.ts";
import { openSession } from "./made_session.ts";
import { MadeView, madeState } from "./made_view.ts";
import { servedAdmin } from "./served_admin.ts";

test("sessions: one visit_id, whatever is in it, and a list", async (t) => {
  const view = new MadeView();
  const names = ["v7", "a/b", "ü ?&=%", "v".repeat(3_000), "..", "\u0000"];
  view.open = new Map(names.map((name) => [name, [openSession(name)]]));
  const { ask } = await servedAdmin(t, view);
  for (const name of names.filter((each) => each !== "..")) {
    const path = `/sessions/${encodeURIComponent(name)}`;
    const { status, json } = await ask(path);
    assert.equal(status, 200, path);
    assert.equal(json.visitId, name);
    assert.equal(json.sessions[0].json, openSession(name).json);
    assert.equal(json.sessions[0].start, "2024-06-01T12:00:00.000Z");
  }
  const none = await ask("/sessions/nobody");
  assert.equal(none.status, 200);
  assert.deepEqual(none.json, { visitId: "nobody", sessions: [] });
  const list = (await ask("/sessions?order=largest&limit=5")).json;
  assert.equal(list.sessions.length, names.length);
  assert.equal(list.sessions[0].json, undefined, "a list has no forms");
});

test("look-ups: many visit_ids at once, in their order", async (t) => {
  const view = new MadeView();
  const names = ["v7", "a/b", "ü ?&=%"];
  view.open = new Map(names.map((name) => [name, [openSession(name)]]));
  const { ask } = await servedAdmin(t, view);
  const pathOf = (ids: readonly string[]) =>
    `/look-ups?${new URLSearchParams(ids.map((id): [string, string] => ["visit_id", id]))}`;
  const asked = ["nobody", ...names, "v7"];
  const { status, json } = await ask(pathOf(asked));
  assert.equal(status, 200);
  for (const [index, visitId] of asked.entries()) {
    const one = await ask(`/sessions/${encodeURIComponent(visitId)}`);
    assert.deepEqual(json.lookUps[index], one.json);
  }
  assert.equal(json.lookUps.length, asked.length);
  assert.equal((await ask(pathOf(["v7"]))).json.lookUps.length, 1);
  const hundred = Array.from({ length: 100 }, (_, i) => `v${i}`);
  assert.equal((await ask(pathOf(hundred))).json.lookUps.length, 100);
  const wrong: [string, RegExp][] = [
    [
      pathOf([...hundred, "more"]),
      /visit_id must NOT have more than 100 items, got .{100}…$/,
    ],
    [pathOf([""]), /visit_id/],
    ["/look-ups", /: its parameter visit_id is missing$/],
    [`${pathOf(["v7"])}&limit=2`, /no parameter "limit"/],
  ];
  for (const [path, sentence] of wrong) {
    const { status, json } = await ask(path);
    assert.equal(status, 400, path);
    assert.match(json.error, sentence, path);
  }
});

test("look-ups: JSON of an answer ends after 4 MiB, its sessions do not", async (t) => {
  const view = new MadeView();
  const json = JSON.stringify("x".repeat(900_000));
  const names = Array.from({ length: 8 }, (_, i) => `v${i}`);
  view.open = new Map(
    names.map((name) => [name, [{ ...openSession(name), json }]]),
  );
  const { ask } = await servedAdmin(t, view);
  const ids = names.map((name) => `visit_id=${name}`).join("&");
  const { lookUps } = (await ask(`/look-ups?${ids}`)).json;
  const told = lookUps.map(
    ({ sessions }: { sessions: OpenSessionForm[] }) => sessions[0]!.json,
  );
  assert.deepEqual(told, [json, json, json, json, ...Array(4).fill(null)]);
});

test("sessions: what the list takes", async (t) => {
  const view = new MadeView();
  const queries: object[] = [];
  view.sessions = async (query) => {
    queries.push({ ...query });
    return [];
  };
  const { ask } = await servedAdmin(t, view);
  await ask("/sessions");
  await ask("/sessions?limit=1000&order=latest");
  assert.deepEqual(queries, [
    { order: "oldest", limit: 20 },
    { order: "latest", limit: 1000 },
  ]);
  const wrong: [string, RegExp][] = [
    ["limit=0", /limit must be >= 1, got "?0"?/],
    ["limit=1001", /limit must be <= 1000/],
    ["limit=1.5", /limit must be integer, got "1\.5"/],
    ["order=newest", /order must be one of oldest, largest, latest/],
    ["sort=oldest", /no parameter "sort"/],
    ["limit=1&limit=2", /limit must be integer/],
  ];
  for (const [query, sentence] of wrong) {
    const { status, json } = await ask(`/sessions?${query}`);
    assert.equal(status, 400, query);
    assert.match(json.error, sentence, query);
  }
  assert.equal(queries.length, 2);
});

test("nobody to ask: 503 with the reason, to be asked again", async (t) => {
  const view = new MadeView();
  view.open = null;
  view.now = madeState({ phase: "restoring", isReady: false });
  const { ask } = await servedAdmin(t, view);
  for (const path of ["/sessions", "/sessions/v7", "/explain/v7"]) {
    const { status, json, headers } = await ask(path);
    assert.equal(status, 503, path);
    assert.equal(headers.get("retry-after"), "1", path);
    assert.match(json.error, /they are being restored/, path);
  }
});

test("what is wrong inside is told to the job's log, not to who asks", async (t) => {
  const view = new MadeView();
  view.session = () => Promise.reject(new TypeError("secret of the inside"));
  const { ask, warnings } = await servedAdmin(t, view);
  const { status, json } = await ask("/sessions/v7");
  assert.equal(status, 500);
  assert.doesNotMatch(json.error, /secret/);
  assert.match(
    warnings.join(),
    /Cannot answer \/sessions\/v7: TypeError: secret/,
  );
});

test("page: its three files, and nothing from elsewhere", async (t) => {
  const { ask } = await servedAdmin(t, new MadeView());
  const page = await ask("/");
  assert.equal(page.status, 200);
  assert.match(page.headers.get("content-type")!, /^text\/html/);
  assert.match(
    page.headers.get("content-security-policy")!,
    /default-src 'self'/,
  );
  assert.doesNotMatch(page.text, /(?:src|href)="https?:/);
  for (const path of ["/page.js", "/page.css"]) {
    const { status, text } = await ask(path);
    assert.equal(status, 200, path);
    assert.ok(text.length > 100, path);
    const relative = `="${path.slice(1)}"`;
    assert.ok(page.text.includes(relative), `the page does not load ${path}`);
  }
});

test("openapi: has every route, and every answer fits what it says", async (t) => {
  const { ask } = await servedAdmin(t, new MadeView());
  const { json } = await ask("/openapi.json");
  assert.equal(json.openapi, "3.1.0");
  assert.deepEqual(Object.keys(json.paths).sort(), [
    "/explain",
    "/explain/{visit_id}",
    "/healthz",
    "/history",
    "/latency",
    "/latency.hgrm",
    "/latency.hlog",
    "/latency/reset",
    "/look-ups",
    "/metrics",
    "/partitions",
    "/readyz",
    "/sessions",
    "/sessions/{visit_id}",
    "/shards",
    "/state",
  ]);
  for (const [path, { get }] of Object.entries<{ get?: Route }>(json.paths)) {
    const schema = get?.responses["200"].content?.["application/json"]?.schema;
    if (schema?.required === undefined) continue;
    const isAsked = path === "/look-ups" || path === "/explain";
    const query = isAsked ? "?visit_id=v7" : "";
    const answer = await ask(path.replace("{visit_id}", "v7") + query);
    assert.deepEqual(
      Object.keys(answer.json).sort(),
      schema.required.toSorted(),
    );
  }
});

interface Route {
  readonly responses: {
    readonly "200": {
      readonly content?: {
        readonly "application/json"?: {
          readonly schema: { readonly required?: readonly string[] };
        };
      };
    };
  };
}
