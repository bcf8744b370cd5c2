import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { LatencyHistogram } from "../../src/observe/latency.ts";
import { MadeView, madeState, NOON_MS } from "./made_view.ts";
import { servedAdmin } from "./served_admin.ts";

// Answers go out as they are: nothing but this compares them with what
// /openapi.json says of them.

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The same schema, but an object has just the members that it names. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== "object" || schema === null) return schema;
  const members = Object.entries(schema).map(([name, value]) => [
    name,
    strict(value),
  ]);
  const isOpen = "properties" in schema && !("additionalProperties" in schema);
  return {
    ...(isOpen ? { additionalProperties: false } : {}),
    ...Object.fromEntries(members),
  };
}

const PERCENTILES = {
  ...{ count: 3, p50Ms: 1, p90Ms: 2, p99Ms: 2.5, p999Ms: 3, p9999Ms: 3 },
  maxMs: 3,
};

function busyView(): MadeView {
  const view = new MadeView();
  view.now = madeState({
    durability: {
      ...{ commits: 1, deltaBytes: 2, restores: 3, restoredSessions: 4 },
      ...{ recoveries: 0, logBytes: 5, liveBytes: 5, lastCommitAtMs: null },
      latency: {
        ...{ commit: PERCENTILES, pause: PERCENTILES },
        ...{ restore: PERCENTILES, visibility: PERCENTILES },
      },
    },
  });
  const latency = new LatencyHistogram();
  for (const ms of [1, 2, 40]) latency.record(ms);
  view.deltas = [{ name: "closing", counts: latency.reader().take() }];
  const session = {
    ...{
      visitId: "v7",
      sessionId: "0-7",
      shard: 0,
      isMixed: false,
      isCut: false,
    },
    ...{ startMs: NOON_MS, lastVisitMs: NOON_MS + 1, endMs: NOON_MS + 600_001 },
    ...{ visits: 2, unfiredVisits: 2, bytes: 300, firings: 0, json: null },
  };
  view.open = new Map([["v7", [session]]]);
  return view;
}

const QUESTIONS: readonly [path: string, route: string, method?: string][] = [
  ["/healthz", "/healthz"],
  ["/readyz", "/readyz"],
  ["/state", "/state"],
  ["/history", "/history"],
  ["/partitions", "/partitions"],
  ["/shards", "/shards"],
  ["/latency", "/latency"],
  ["/latency?name=closing", "/latency"],
  ["/latency/reset", "/latency/reset", "POST"],
  ["/sessions", "/sessions"],
  ["/sessions/v7", "/sessions/{visit_id}"],
  ["/look-ups?visit_id=v7&visit_id=v8", "/look-ups"],
  ["/explain/v7", "/explain/{visit_id}"],
  ["/explain?visit_id=v7", "/explain"],
];

test("answers are as /openapi.json says, with no member that it does not name", async (t) => {
  const { ask } = await servedAdmin(t, busyView());
  const { paths } = (await ask("/openapi.json")).json;
  const left = new Set(Object.keys(paths));
  for (const [path, route, method = "GET"] of QUESTIONS) {
    left.delete(route);
    const { status, json, headers } = await ask(path, { method });
    assert.equal(status, 200, path);
    assert.match(headers.get("content-type")!, /^application\/json/, path);
    const { content } = paths[route][method.toLowerCase()].responses["200"];
    const { schema } = content["application/json"];
    const said = z.fromJSONSchema(strict(schema) as JsonSchema);
    const { error } = said.safeParse(json);
    assert.equal(error, undefined, `${path}: ${error?.message}`);
  }
  const texts = ["/metrics", "/latency.hgrm", "/latency.hlog"];
  assert.deepEqual([...left].sort(), texts.sort());
});
