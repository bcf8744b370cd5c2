import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeMetadata } from "../../src/checkpoint/offset_metadata.ts";
import {
  RecoverableError,
  WindowLogError,
  WorldError,
} from "../../src/errors.ts";
import { restoredTime, restoreFailure } from "../../src/pipeline/restore.ts";
import { MARK } from "../checkpoint/marks.ts";
import { change } from "../state/log_records.ts";
import { expiredOf, keptOf, PUT, refusal, restore } from "./restored_log.ts";

test("Restore: windows are those between the offsets that the commit names", async () => {
  const { restored, restoredChunks, warnings } = await restore([keptOf()]);
  const [{ ledger, by }] = restored as [(typeof restored)[0]];
  assert.equal(by, "g-b");
  assert.equal(ledger.offset, 42);
  assert.equal(ledger.commit, 5);
  assert.equal(ledger.extent.from, 8);
  assert.equal(ledger.extent.end, 10);
  assert.deepEqual(
    restoredChunks.map(({ firstOffset, count }) => [firstOffset, count]),
    [[8, 2]],
  );
  assert.deepEqual(warnings, []);
  // What is committed next says the same of the log.
  const { metadata } = ledger.committing("g-a", "windows");
  const expected = { from: 8, end: 10, by: "g-a", commit: 5, log: "windows" };
  assert.equal(metadata, encodeMetadata(expected));
});

test("Restore: only what is wrong with the log itself leads to a reset", () => {
  const resetCommand = (log: string) => `reset ${log}`;
  const world = { logTopic: "windows", resetCommand };
  const damaged = new WindowLogError("Cannot read window log windows[0] at 7");
  const told = restoreFailure(damaged, world);
  assert.ok(told instanceof WorldError);
  assert.equal(
    told.message,
    "Cannot read window log windows[0] at 7; start anew with: reset windows",
  );
  for (const other of [
    new WorldError("another process has taken that name"),
    new RecoverableError("the broker is away"),
  ]) {
    assert.equal(restoreFailure(other, world), other);
  }
});

test("Restore: a group that has committed nothing begins at the start", async () => {
  const none = { offset: null, metadata: "", earliest: 0, records: [] };
  const { restored, warnings } = await restore([none]);
  assert.equal(restored[0]!.ledger.offset, null);
  assert.equal(restored[0]!.ledger.mark, null);
  assert.deepEqual(warnings, []);
});

test("Restore: offsets that have expired are found in the log", async () => {
  const expired = { ...keptOf(), offset: null, metadata: "" };
  const { restored, warnings, restoredChunks } = await restore([expired]);
  assert.equal(restored[0]!.ledger.offset, 42);
  assert.equal(restoredChunks[0]!.count, 3);
  assert.match(warnings[0]!, /after a long stop: it goes on at offset 42/);
});

test("Restore: without offsets only the windows of the last topic come back", async () => {
  const log = expiredOf(["a", "b", "b", "abc"].map((topicId) => ({ topicId })));
  const { restored, restoredChunks } = await restore([log]);
  const [{ ledger }] = restored as [(typeof restored)[0]];
  assert.equal(ledger.offset, 42);
  assert.deepEqual([ledger.extent.from, ledger.extent.end], [6, 8]);
  assert.deepEqual(
    restoredChunks.map(({ firstOffset, count }) => [firstOffset, count]),
    [[6, 2]],
  );
});

test("Restore: windows of a topic that was made anew many times are dropped", async () => {
  const kept = [["a", "b"], ["a"], ["abc"]].map((topicIds) =>
    expiredOf(topicIds.map((topicId) => ({ topicId }))),
  );
  const { restored, restoredChunks } = await restore(kept, {
    onNewTopic: "drop",
  });
  assert.deepEqual(
    restored.map(({ ledger }) => ledger.offset),
    [null, null, 42],
  );
  assert.deepEqual(
    restoredChunks.map(({ partition }) => partition),
    [2],
  );
});

test("Restore: an offset of another program counts, without windows", async () => {
  const foreign = { ...keptOf(), offset: 30, metadata: "by hand" };
  const { restored, warnings, restoredChunks } = await restore([foreign]);
  const { ledger } = restored[0]!;
  assert.equal(ledger.offset, 30);
  assert.deepEqual([ledger.extent.from, ledger.extent.end], [10, 10]);
  assert.equal(restoredChunks.length, 0);
  assert.match(warnings[0]!, /committed by another program/);
});

test("Restore: the sessions that an offset of another program drops are counted", async () => {
  const put = (id: number) =>
    change({ kind: "put", commit: 5, id, partition: 0 });
  const gone = change({ kind: "gone", commit: 5, id: 1, partition: 0 });
  const records = [put(1), put(2), put(3), gone].map((each) =>
    each.toString("latin1"),
  );
  const [mark = ""] = keptOf().records.slice(-1);
  const foreign = { ...keptOf(), offset: 30, metadata: "by hand" };
  const told = async (some: readonly string[]) =>
    (await restore([{ ...foreign, records: some }])).warnings;
  const head =
    'The offset 30 of visits[0] in group "g" was committed by another program: ' +
    "it is read from there, ";
  assert.deepEqual(await told([...records, mark]), [
    `${head}which drops 2 open sessions of its window log`,
  ]);
  // A log that cannot be read is not needed.
  assert.deepEqual(await told([...records, '{"a":1}']), [
    `${head}without open windows`,
  ]);
});

test("Restore: what was committed of a log that was cut does not count", async () => {
  const { restored, warnings } = await restore([keptOf()], { voided: [0] });
  const { ledger } = restored[0]!;
  assert.equal(ledger.offset, null);
  assert.deepEqual([ledger.extent.from, ledger.extent.end], [10, 10]);
  assert.deepEqual(warnings, []);
});

test("Restore: windows of a topic that was made anew are dropped where that is asked for", async () => {
  const kept = [keptOf({ topicId: "other" }), keptOf()];
  const { restored, restoredChunks, warnings } = await restore(kept, {
    onNewTopic: "drop",
  });
  assert.deepEqual(
    restored.map(({ ledger }) => ledger.offset),
    [null, 42],
  );
  assert.deepEqual(
    restoredChunks.map(({ partition }) => partition),
    [1],
  );
  assert.deepEqual(warnings, [
    'What is committed of "visits" is of a topic that was deleted: its open ' +
      "sessions are dropped, the new one is read from its start",
  ]);
});

test("Restore: what is of a topic that is not known here yet is neither dropped nor refused", async () => {
  for (const onNewTopic of ["drop", "stop"] as const) {
    const kept = [keptOf({ topicId: "other" })];
    await assert.rejects(restore(kept, { onNewTopic, topicIdNow: "other" }), {
      name: "RecoverableError",
      message:
        'Cannot restore "visits": it was deleted and created anew, and others ' +
        "have committed of the new one before that was known here",
    });
  }
});

test("Restore: what cannot be gone on with is refused, with a way out", async () => {
  const anew = /sessionmill state reset --window-log windows$/;
  const cases: [Parameters<typeof restore>, RegExp][] = [
    [[[keptOf({ topicId: "other" })]], /"visits" that was deleted/],
    [[[keptOf()], { job: { ...MARK.job, gapMs: 1 } }], /--gap was 10m/],
    [[[keptOf({}, 41)]], /offset is 41, but its windows are those of.* 42/],
    [[[{ ...keptOf(), records: [PUT, PUT, PUT] }]], /no mark at offset 9/],
  ];
  for (const [args, expected] of cases) {
    const message = await refusal(...args);
    assert.match(message, expected);
    assert.match(message, anew);
  }
});

test("Restore: sessions in another window log are told", async () => {
  const kept = keptOf();
  const metadata = kept.metadata.replace('"windows"', '"those-before"');
  assert.equal(
    await refusal([{ ...kept, metadata }]),
    'Cannot go on with window log "windows": group "g" has its open sessions of ' +
      '"visits" in "those-before"; add --window-log those-before, or start anew ' +
      "with: sessionmill state reset --window-log those-before",
  );
});

test("Restore: a log that another member has cut meanwhile is no end", async () => {
  const kept = [keptOf()];
  const [before] = kept;
  const gone = new WorldError("the log does not have it any more");
  const readLog = async () => {
    const metadata = {
      from: 12,
      end: 14,
      by: "g-c",
      commit: 6,
      log: "windows",
    };
    kept[0] = { ...before!, metadata: encodeMetadata(metadata) };
    throw gone;
  };
  await assert.rejects(restore(kept, { readLog }), RecoverableError);
  const failing = async () => {
    throw gone;
  };
  await assert.rejects(restore([before!], { readLog: failing }), gone);
});

test("Restore: time goes on at the lowest watermark, and with all clocks", async () => {
  const kept = [
    keptOf({ watermarkMs: 70, clockMs: 100 }),
    keptOf({ watermarkMs: 50, clockMs: 200 }),
  ];
  const { restored } = await restore(kept);
  const time = restoredTime(restored.map(({ ledger }) => ledger));
  assert.equal(time.watermarkMs, 50);
  assert.deepEqual(
    [...time.clocks],
    [
      [0, 100],
      [1, 200],
    ],
  );
});

test("Restore: a partition of which nothing is known holds time back", async () => {
  const none = { offset: null, metadata: "", earliest: 0, records: [] };
  const { restored } = await restore([keptOf(), none]);
  const time = restoredTime(restored.map(({ ledger }) => ledger));
  assert.equal(time.watermarkMs, -Infinity);
  assert.deepEqual([...restoredTime([]).clocks], []);
  assert.equal(restoredTime([]).watermarkMs, -Infinity);
});
