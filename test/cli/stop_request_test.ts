import assert from "node:assert/strict";
import { test } from "node:test";
import { StopRequest } from "../../src/cli/stop_request.ts";

test("StopRequest aborts on the first signal and exits on the second", () => {
  const { stop, clock, exits } = createStop();
  assert.equal(stop.signal.aborted, false);
  stop.take("SIGINT");
  assert.equal(stop.signal.aborted, true);
  assert.equal(stop.by, "SIGINT");
  assert.deepEqual(exits, []);
  clock.nowMs += 300;
  stop.take("SIGINT");
  assert.deepEqual(exits, [130]);
});

test("StopRequest exits with 143 when the second signal is SIGTERM", () => {
  const { stop, clock, exits } = createStop();
  stop.take("SIGINT");
  clock.nowMs += 300;
  stop.take("SIGTERM");
  assert.deepEqual(exits, [143]);
});

test("StopRequest takes a signal that npm hands on for the same one", () => {
  const { stop, clock, exits } = createStop();
  stop.take("SIGINT");
  clock.nowMs += 20;
  stop.take("SIGINT");
  assert.deepEqual(exits, []);
});

test("StopRequest stops for other reasons without counting a signal", () => {
  const { stop, exits } = createStop();
  stop.stop();
  assert.equal(stop.signal.aborted, true);
  stop.take("SIGTERM");
  assert.equal(stop.by, null);
  assert.deepEqual(exits, []);
});

function createStop() {
  const clock = { nowMs: 1000 };
  const exits: number[] = [];
  const exit = (code: number) => void exits.push(code);
  return { stop: new StopRequest(exit, () => clock.nowMs), clock, exits };
}
