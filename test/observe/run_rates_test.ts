import assert from "node:assert/strict";
import { test } from "node:test";
import { RunRates } from "../../src/observe/run_rates.ts";
import { summaryOf } from "./support.ts";

/** What rates say after a run that stood so at each quarter of a second. */
function ratesAfter(
  ms: number,
  at: (ms: number) => Parameters<typeof summaryOf>[0],
): RunRates {
  const rates = new RunRates();
  for (let elapsedMs = 0; elapsedMs <= ms; elapsedMs += 250) {
    rates.take(summaryOf({ ...at(elapsedMs), elapsedMs }));
  }
  return rates;
}

test("RunRates knows the rates of the last seconds, also of the first one", () => {
  const slowThenFast = (ms: number) => ({
    visitsIn: ms < 10_000 ? ms : ms * 10 - 90_000,
    sessions: ms / 10,
  });
  assert.equal(ratesAfter(250, slowThenFast).visitsPerSecond, 1_000);
  assert.equal(ratesAfter(10_000, slowThenFast).visitsPerSecond, 1_000);
  assert.equal(ratesAfter(14_000, slowThenFast).visitsPerSecond, 10_000);
  assert.equal(ratesAfter(14_000, slowThenFast).sessionsPerSecond, 100);
  const { history } = ratesAfter(120_000, slowThenFast);
  assert.equal(history.length, 60);
  assert.ok(history.every((each) => Math.round(each) === 10_000));
});

test("RunRates says how long a topic takes to catch up, when there is telling", () => {
  const drain = (lag: (ms: number) => number | null) => (ms: number) => ({
    visitsIn: 3 * ms,
    lag: lag(ms),
  });
  const shrinking = drain((ms) => 100_000 - ms);
  assert.deepEqual(ratesAfter(1_000, shrinking).catchUp, { kind: "unknown" });
  assert.deepEqual(ratesAfter(20_000, shrinking).catchUp, {
    kind: "shrinking",
    leftMs: 80_000,
  });
  // Less than a second's worth is no lag to speak of.
  const atEase = ratesAfter(98_000, shrinking).catchUp;
  assert.deepEqual(atEase, { kind: "keeping-up" });
  const growing = ratesAfter(
    20_000,
    drain((ms) => 10_000 + ms),
  ).catchUp;
  assert.deepEqual(growing, { kind: "growing", perSecond: 1_000 });
  const lost = ratesAfter(
    20_000,
    drain(() => null),
  ).catchUp;
  assert.deepEqual(lost, { kind: "unknown" });
  const known = drain((ms) => (ms < 15_000 ? null : 100_000 - ms));
  const late = ratesAfter(20_000, known).catchUp;
  assert.deepEqual(late, { kind: "shrinking", leftMs: 80_000 });
});

test("RunRates that stands still knows no time that is left", () => {
  const total = 100_000;
  const reading = (ms: number) => ({ extent: { done: ms, total } });
  assert.equal(ratesAfter(1_000, reading).leftMs, null);
  assert.equal(ratesAfter(50_000, reading).leftMs, 50_000);
  const stuck = (ms: number) => reading(Math.min(ms, 30_000));
  assert.equal(ratesAfter(35_000, stuck).leftMs, 140_000);
  assert.equal(ratesAfter(50_000, stuck).leftMs, null);
});

test("RunRates forgets what was before a run began again", () => {
  const again = (ms: number) => ({
    extent: { done: ms < 20_000 ? ms : ms - 20_000, total: 100_000 },
  });
  assert.equal(ratesAfter(20_500, again).leftMs, null);
  assert.equal(ratesAfter(40_000, again).leftMs, 80_000);
});

test("RunRates leaves out what it saw before the first visits, from where time counts anew", () => {
  const rates = new RunRates();
  const take = (elapsedMs: number, visitsIn: number) =>
    rates.take(summaryOf({ elapsedMs, visitsIn }));
  // A run that waits for its brokers is looked at as well.
  for (let ms = 0; ms <= 30_000; ms += 1_000) take(ms, 0);
  for (let ms = 0; ms <= 40_000; ms += 1_000) {
    take(ms, ms);
    if (ms > 0) assert.equal(Math.round(rates.visitsPerSecond), 1_000);
  }
});
