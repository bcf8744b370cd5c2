import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ReaderGoneError,
  RecoverableError,
  UsageError,
  WorldError,
} from "../../src/errors.ts";
import { type Life, runLives } from "../../src/pipeline/lives.ts";
import { SILENT_LOG } from "./fake_parts.ts";

/** Runs lives that end so, one after the other, this far apart. */
async function run(
  ends: readonly (Error | string)[],
  options: {
    stepMs?: number;
    signal?: AbortSignal;
    isExcused?: (error: unknown) => boolean;
  } = {},
) {
  const { stepMs = 0, signal = new AbortController().signal } = options;
  const lives: Life[] = [];
  let nowMs = 1_000;
  let recoveries = 0;
  const live = async (life: Life) => {
    lives.push(life);
    nowMs += stepMs;
    const end = ends[lives.length - 1];
    if (end instanceof Error) throw end;
    return end;
  };
  const result = await runLives(live, {
    ...{ signal, clock: { nowMs: () => nowMs }, log: SILENT_LOG, pauseMs: 1 },
    onRecover: () => recoveries++,
    isExcused: options.isExcused ?? (() => false),
  }).catch((error: unknown) => error);
  return { result, lives, recoveries };
}

const LOST = new RecoverableError("the transaction is lost");
const DEFECT = new TypeError("undefined is not a function");

test("Lives: after a failure that may heal the run begins again", async () => {
  for (const failure of [LOST, DEFECT]) {
    const { result, lives, recoveries } = await run([failure, "over"], {
      stepMs: 5,
    });
    assert.equal(result, "over");
    assert.equal(recoveries, 1);
    assert.deepEqual(lives, [
      { number: 1, failedAtMs: null },
      { number: 2, failedAtMs: 1_005 },
    ]);
  }
});

test("Lives: what is wrong with the world or the options ends the run", async () => {
  const readerGone = new ReaderGoneError();
  const fatal = [new WorldError("no broker"), new UsageError("x"), readerGone];
  for (const failure of fatal) {
    const { result, lives } = await run([failure, "over"]);
    assert.equal(result, failure);
    assert.equal(lives.length, 1);
  }
});

test("Lives: the third failure within a minute is the last", async () => {
  const { result, lives } = await run([LOST, LOST, LOST, "over"]);
  assert.equal(lives.length, 3);
  assert.ok(result instanceof WorldError);
  assert.match(result.message, /3 failures within a minute.*is lost/);
  const defects = await run([DEFECT, DEFECT, DEFECT, "over"]);
  // It keeps its stack.
  assert.equal(defects.result, DEFECT);
});

test("Lives: failures far apart do not add up", async () => {
  const ends = [LOST, LOST, LOST, LOST, "over"];
  const { result } = await run(ends, { stepMs: 31_000 });
  assert.equal(result, "over");
});

test("Lives: failures that others are to blame for do not count", async () => {
  const ends = [LOST, LOST, LOST, LOST, "over"];
  const { result } = await run(ends, { isExcused: (each) => each === LOST });
  assert.equal(result, "over");
  const world = new WorldError("no broker");
  const isExcused = (error: unknown) => error === world;
  assert.equal((await run([world, "over"], { isExcused })).result, "over");
  const both = await run([LOST, world, LOST, world, LOST], { isExcused });
  assert.match(String(both.result), /3 failures within a minute/);
});

test("Lives: a run that is to stop does not begin again", async () => {
  const { result, lives } = await run([LOST, "over"], {
    signal: AbortSignal.abort(),
  });
  // What was committed is the truth, and the next start goes on from there.
  assert.equal(result, null);
  assert.equal(lives.length, 1);
  const failure = new WorldError("no broker");
  const failed = await run([failure], { signal: AbortSignal.abort() });
  assert.equal(failed.result, failure);
});
