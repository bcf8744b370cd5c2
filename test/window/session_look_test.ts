import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hashKey } from "../../src/kernel/host/key_hash.ts";
import { rankOf } from "../../src/window/open_session.ts";
import type { ToldSession } from "../../src/window/session_look.ts";
import { PlainStore } from "../plain/plain_store.ts";
import { find, slice } from "../support/looked_store.ts";
import { at, drive, GAP_MS, ORIGIN_MS } from "../support/small_windows.ts";
import { StoreDriver } from "../support/store_driver.ts";
import { VerifiedStore } from "../support/verified_store.ts";
import { everyScenario, visitsOf } from "../support/window_scenarios.ts";

const ORDERS = ["oldest", "largest", "latest"] as const;

const idOf = ({ visitId, sessionId }: ToldSession) => `${visitId} ${sessionId}`;

test("looking tells what the plain store has, and changes nothing", () => {
  const property = fc.property(everyScenario, (scenario) => {
    const { parameters, steps } = scenario;
    const store = new VerifiedStore(parameters);
    const looked = new StoreDriver(store);
    const plain = new StoreDriver(new PlainStore(parameters));
    const unlooked = new StoreDriver(new VerifiedStore(parameters));
    const ids = [...new Set(visitsOf(scenario).map(({ visitId }) => visitId))];
    const drivers = [looked, plain, unlooked];
    for (const step of [...steps, null]) {
      for (const driver of drivers) {
        if (step === null) driver.advanceTo(Infinity);
        else if (step.kind === "visits") driver.apply(step.visits);
        else driver.advanceTo(step.watermarkMs);
      }
      const asked = [...ids, "nobody", ""];
      const actual = find(store, ...asked);
      assert.deepEqual(actual, find(plain.store, ...asked));
      for (const order of ORDERS) {
        const all = slice(store, { order, limit: 100 });
        assert.equal(all.next, null);
        const byId = (a: ToldSession, b: ToldSession) =>
          idOf(a) < idOf(b) ? -1 : 1;
        const expected = slice(plain.store, { order, limit: 100 }).sessions;
        assert.deepEqual(all.sessions.toSorted(byId), expected.toSorted(byId));
        const ranks = (told: readonly ToldSession[]) =>
          told.map((it) => rankOf(it, order));
        assert.deepEqual(ranks(all.sessions), ranks(expected));
        const two = slice(store, { order, limit: 2 }).sessions;
        assert.deepEqual(ranks(two), ranks(expected).slice(0, 2));
      }
      store.verify();
    }
    assert.deepEqual(looked.firings, unlooked.firings);
    assert.deepEqual(looked.lateOffsets, unlooked.lateOffsets);
  });
  fc.assert(property, { numRuns: 200, interruptAfterTimeLimit: 30_000 });
});

test("the JSON is that of the firing that comes next, but for its context", () => {
  const driver = drive();
  driver.apply([at(5), at(0, { page: null }), at(7, { userId: "u" })]);
  const [before] = find(driver.store, "a")[0]!;
  const context = { generation_time: "", watermark: "" };
  assert.deepEqual(JSON.parse(before!.json!).data_processing_context, context);
  driver.advanceTo(ORIGIN_MS + 1000);
  const [form] = find(driver.store, "a")[0]!;
  driver.advanceTo(ORIGIN_MS + GAP_MS + 7);
  const [firing] = driver.firings;
  const cut = (json: string) => json.slice(0, json.indexOf(', "data_proc'));
  assert.equal(cut(form!.json!), cut(firing!.value));
  const { data_processing_context: own, ...rest } = JSON.parse(form!.json!);
  assert.deepEqual(own, {
    generation_time: "",
    watermark: "2024-06-01T00:00:01+00:00",
  });
  assert.deepEqual(rest.user_id, ["u"]);
  const [fired] = find(driver.store, "a")[0]!;
  assert.deepEqual([fired!.firings, fired!.unfiredVisits], [1, 0]);
  // What is looked at between two firings leaves their own context alone.
  driver.apply([at(1)]);
  const { generation_time } = JSON.parse(
    driver.firings[1]!.value,
  ).data_processing_context;
  const { generation_time: first } = JSON.parse(
    firing!.value,
  ).data_processing_context;
  assert.equal(generation_time, first);
});

test("sessions of a visit_id come by start, also where hashes are alike", () => {
  const driver = drive();
  // They have one hash, and so share a chain of slots.
  const [one, other] = ["v01myp", "v01s05"];
  assert.equal(
    hashKey(Buffer.from(one!), 0, 6),
    hashKey(Buffer.from(other!), 0, 6),
  );
  driver.apply([
    at(60_000, { visitId: one, offset: 1 }),
    at(0, { visitId: one, offset: 2 }),
    at(30_000, { visitId: one, offset: 3 }),
    at(0, { visitId: other, offset: 4, partition: 3 }),
    at(1, { visitId: other, offset: 5 }),
  ]);
  const [ofOne, ofOther, ofNone] = find(driver.store, one!, other!, "none");
  assert.deepEqual(
    ofOne!.map(({ sessionId }) => sessionId),
    ["0-2", "0-3", "0-1"],
  );
  assert.deepEqual(
    ofOther!.map(({ sessionId, isMixed }) => [sessionId, isMixed]),
    [["3-4", true]],
  );
  assert.deepEqual(ofNone, []);
});

test("JSON above 1 MiB is left out; below, it is whole however it is ordered", () => {
  const driver = drive();
  const visits = (count: number, page: string, visitId: string) =>
    Array.from({ length: count }, (_, i) =>
      at((i * 7919) % GAP_MS, { visitId, page }),
    );
  // More pages than the usual room for their times, and out of order.
  driver.apply(visits(5_000, "p", "many"));
  driver.apply(visits(15, "x".repeat(64 * 1024), "large"));
  driver.apply(visits(16, "x".repeat(64 * 1024), "huge"));
  const [many, large, huge] = ["many", "large", "huge"].map(
    (visitId) => find(driver.store, visitId)[0]![0],
  );
  const pages = JSON.parse(many!.json!).visited_pages[0];
  assert.equal(pages.length, 5_000);
  const times = pages.map((it: { event_time: string }) => it.event_time);
  assert.deepEqual(times, times.toSorted());
  assert.ok(many!.json!.length - many!.bytes < 300);
  assert.equal(large!.json!.length, large!.bytes + 212);
  assert.equal(huge!.json, null);
  assert.ok(huge!.bytes > 1024 * 1024 && huge!.visits === 16);
  driver.advanceTo(Infinity);
  const value = driver.firings.find(({ visitId }) => visitId === "large");
  const context = ', "data_processing_context"';
  assert.equal(large!.json!.split(context)[0], value!.value.split(context)[0]);
});

test("of one visit_id all JSON is 1 MiB at most: that of the latest", () => {
  const driver = drive();
  const page = "x".repeat(300 * 1024);
  driver.apply([0, 1, 2, 3, 4].map((i) => at(i * 20_000, { page })));
  const [forms] = find(driver.store, "a");
  const has = forms!.map(({ json }) => json !== null);
  assert.deepEqual(has, [false, false, true, true, true]);
});

test("of many windows of one visit_id the latest 1,000 are told", () => {
  const driver = drive({ latenessMs: 1e9 });
  const starts = Array.from({ length: 1_100 }, (_, i) => i * 2 * GAP_MS);
  driver.apply(starts.map((ms) => at(ms)));
  const [forms] = find(driver.store, "a");
  assert.deepEqual(
    forms!.map(({ startMs }) => startMs - ORIGIN_MS),
    starts.slice(100),
  );
});

test("an answer ends after 1 MiB; the other keys are to be asked again", () => {
  const driver = drive();
  const page = "x".repeat(600 * 1024);
  const ids = ["a", "b", "c", "d"];
  driver.apply(ids.map((visitId) => at(0, { visitId, page })));
  assert.equal(find(driver.store, ...ids).length, 2);
  assert.equal(find(driver.store, "nobody", "none").length, 2);
});

test("a long visit_id is cut in what is told, never amid a character", () => {
  for (const [visitId, shown] of [
    ["v".repeat(1024), "v".repeat(1024)],
    [`${"v".repeat(1018)}…`, `${"v".repeat(1018)}…`],
    ["v".repeat(1025), `${"v".repeat(1024)}…`],
    ["ö".repeat(300), `${"ö".repeat(170)}…`],
    [`${"v".repeat(1023)}"x`, `${"v".repeat(1023)}…`],
    [`vvvv${"😀".repeat(200)}`, `vvvv${"😀".repeat(85)}…`],
    [`v${"😀".repeat(200)}`, `v${"😀".repeat(85)}…`],
    [`vvvvvvv${"😀".repeat(200)}`, `vvvvvvv${"😀".repeat(84)}\uFFFD…`],
  ] as const) {
    const driver = drive();
    driver.apply([at(0, { visitId })]);
    assert.equal(find(driver.store, visitId)[0]![0]!.visitId, shown);
    const [listed] = slice(driver.store, {
      order: "latest",
      limit: 1,
    }).sessions;
    assert.equal(listed!.visitId, shown);
    assert.equal(listed!.isCut, visitId !== shown);
  }
});
