import assert from "node:assert/strict";
import { test } from "node:test";
import {
  at,
  drive,
  GAP_MS,
  LATENESS_MS,
  ORIGIN_MS,
  summary,
} from "../support/small_windows.ts";

test("a merge that moves the end past the watermark waits for the new end", () => {
  const driver = drive();
  driver.apply([at(0)]);
  driver.advanceTo(ORIGIN_MS + GAP_MS - 1);
  driver.apply([at(GAP_MS)]);
  assert.equal(driver.firings.length, 1);
  driver.advanceTo(ORIGIN_MS + 2 * GAP_MS - 2);
  assert.equal(driver.firings.length, 1);
  driver.advanceTo(ORIGIN_MS + 2 * GAP_MS - 1);
  assert.equal(driver.firings.length, 2);
  assert.equal(driver.firings[1]!.newVisits, 1);
  // The deadline of the first end plus lateness means nothing any more.
  driver.advanceTo(ORIGIN_MS + GAP_MS - 1 + LATENESS_MS);
  assert.equal(driver.store.openSessions, 1);
  driver.advanceTo(ORIGIN_MS + 2 * GAP_MS - 1 + LATENESS_MS);
  assert.equal(driver.store.openSessions, 0);
});

test("joining two fired sessions fires the merged one at once", () => {
  const driver = drive();
  driver.apply([at(0), at(GAP_MS + 2000)]);
  driver.advanceTo(ORIGIN_MS + 2 * GAP_MS + 2000);
  driver.apply([at(5000)]);
  assert.deepEqual(driver.firings.at(-1)!.supersedes, ["0-1"]);
  assert.deepEqual(summary(driver.firings.at(-1)!), {
    id: "0-0",
    revision: 1,
    visits: 3,
    newVisits: 1,
  });
});

test("joining a fired and an unfired session is silent until the end", () => {
  const driver = drive();
  driver.apply([at(0), at(GAP_MS + 2000)]);
  driver.advanceTo(ORIGIN_MS + GAP_MS - 1);
  driver.apply([at(5000)]);
  assert.equal(driver.firings.length, 1);
  driver.advanceTo(ORIGIN_MS + 2 * GAP_MS + 1999);
  assert.deepEqual(summary(driver.firings.at(-1)!), {
    id: "0-0",
    revision: 1,
    visits: 3,
    newVisits: 2,
  });
  assert.deepEqual(driver.firings.at(-1)!.supersedes, []);
});

test("a bridge to a session that is gone joins only the live one", () => {
  const driver = drive();
  driver.apply([at(0), at(GAP_MS + 2000)]);
  driver.advanceTo(ORIGIN_MS + GAP_MS - 1 + LATENESS_MS);
  driver.apply([at(5000)]);
  assert.equal(driver.firings.at(-1)!.id, "0-1");
  assert.equal(driver.firings.at(-1)!.visits, 2);
  assert.deepEqual(driver.firings.at(-1)!.supersedes, []);
});

test("a merge takes the higher revision and all swallowed ids, by start", () => {
  const driver = drive({ latenessMs: 60_000 });
  const step = GAP_MS + 2000;
  driver.apply([at(0), at(step), at(2 * step), at(3 * step)]);
  driver.advanceTo(ORIGIN_MS + 3 * step);
  // The third one fires three times more, then the second swallows it.
  driver.apply([at(2 * step), at(2 * step), at(2 * step), at(2 * step - 5000)]);
  const second = driver.firings.at(-1)!;
  assert.deepEqual([second.id, second.revision], ["0-1", 4]);
  assert.deepEqual(second.supersedes, ["0-2"]);
  driver.apply([at(step - 5000)]);
  const first = driver.firings.at(-1)!;
  assert.deepEqual([first.id, first.revision], ["0-0", 5]);
  assert.deepEqual(first.supersedes, ["0-1", "0-2"]);
  // The last one had not fired: swallowing it names nothing, and every later
  // firing still names all.
  driver.apply([at(3 * step - 5000)]);
  driver.advanceTo(Infinity);
  const last = driver.firings.at(-1)!;
  assert.deepEqual([last.id, last.revision, last.visits], ["0-0", 6, 10]);
  assert.deepEqual(last.supersedes, ["0-1", "0-2"]);
});

test("a visit before the start of a session does not change its id", () => {
  const driver = drive();
  driver.apply([at(0, { partition: 3, offset: 5 }), at(-1, { offset: 6 })]);
  driver.advanceTo(Infinity);
  assert.equal(driver.firings[0]!.id, "3-5");
});

test("merging sessions keeps visits that no first chunk has room for", () => {
  const driver = drive();
  const long = [3000, 300, 70_000].map((length) => "x".repeat(length));
  const pages = [long[0]!, "b", long[1]!, long[2]!, null];
  const [first, ...later] = pages.map((page, index) => ({
    ...at(index < 3 ? index : GAP_MS + 2000 + index),
    page,
  }));
  driver.apply([first!, ...later]);
  driver.apply([{ ...at(5000), page: "bridge" }]);
  driver.advanceTo(Infinity);
  const value = JSON.parse(driver.firings.at(-1)!.value);
  const visited = value.visited_pages[0].map(
    ({ page }: { page: string | null }) => page,
  );
  assert.deepEqual(visited, [
    ...pages.slice(0, 3),
    "bridge",
    ...pages.slice(3),
  ]);
});
