import assert from "node:assert/strict";
import { test } from "node:test";
import { CollectingOutput } from "../support/collecting_output.ts";
import {
  at,
  createStore,
  GAP_MS,
  ORIGIN_MS,
} from "../support/small_windows.ts";
import { buildColumns } from "../support/visit_columns_builder.ts";

/** More deadlines than the store looks at in one go. */
const SESSIONS = 150_000;

test("advanceTo gives way amid very many deadlines, and loses none", () => {
  const store = createStore();
  const atOnce = 10_000;
  for (let first = 0; first < SESSIONS; first += atOnce) {
    const visits = Array.from({ length: atOnce }, (_, i) =>
      at(1 + ((first + i) % 1000), { visitId: `v${first + i}` }),
    );
    store.applyVisits(buildColumns(visits), 0, new CollectingOutput());
  }
  // All of them end within one second, so none may fire before all are known.
  const out = new CollectingOutput();
  let turns = 0;
  while (!store.advanceTo(ORIGIN_MS + GAP_MS + 1000, out)) {
    assert.equal(out.firings.length, 0);
    const none = buildColumns([]);
    assert.throws(() => store.applyVisits(none, 0, out), /step is unfinished/);
    turns++;
  }
  assert.ok(turns >= 2, String(turns));
  assert.equal(out.firings.length, SESSIONS);
  const ends = out.firings.map(({ endMs }) => endMs);
  assert.deepEqual(
    ends,
    ends.toSorted((a, b) => a - b),
  );
  assert.equal(
    new Set(out.firings.map(({ visitId }) => visitId)).size,
    SESSIONS,
  );
});

test("reassign amid very many deadlines begins anew", () => {
  const store = createStore();
  const visits = Array.from({ length: SESSIONS }, (_, i) =>
    at(i % 1000, { visitId: `v${i}` }),
  );
  store.applyVisits(buildColumns(visits), 0, new CollectingOutput());
  const out = new CollectingOutput();
  assert.equal(store.advanceTo(Infinity, out), false);
  store.reassign(new Set(), -Infinity);
  while (!store.advanceTo(Infinity, out)) {}
  assert.equal(out.firings.length, SESSIONS);
  assert.equal(store.openSessions, 0);
});
