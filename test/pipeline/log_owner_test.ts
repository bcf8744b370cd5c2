import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeMark, type Mark } from "../../src/checkpoint/mark.ts";
import { MARK } from "../checkpoint/marks.ts";
import { expiredOf, keptOf, PUT, refusal, restore } from "./restored_log.ts";

test("Restore: a window log of another topic is left to it", async () => {
  const message =
    'Cannot keep windows of "visits" in topic "windows": it is the window log of ' +
    'topic "purchases"; jobs that read different topics need one each: give this ' +
    "job another --group, or another --window-log";
  const other = { topic: "purchases", topicId: "other" };
  for (const kept of [expiredOf([other]), expiredOf([other, {}])]) {
    for (const onNewTopic of ["drop", "stop"] as const) {
      assert.equal(await refusal([kept], { onNewTopic }), message);
    }
  }
});

test("Restore: a window log of another group is left to it", async () => {
  const head =
    'Cannot keep windows of group "g" in topic "windows": it is the window log of ';
  const tail = "; each group needs its own: give this job another --window-log";
  const unnamed = { group: null, by: "h-a" };
  const owners: [Partial<Mark>, string][] = [
    [{ group: "h" }, 'group "h"'],
    [unnamed, 'another group, as "h-a" has written to it'],
  ];
  for (const [mark, owner] of owners) {
    const message = head + owner + tail;
    // Without an offset, with one of another program, and with more behind it.
    for (const kept of [
      expiredOf([mark]),
      { ...expiredOf([mark]), offset: 30, metadata: "by hand" },
      expiredOf([mark, {}]),
    ]) {
      assert.equal(await refusal([kept]), message);
    }
  }
});

test("Restore: a window log that two jobs have written to is refused, with a way out", async () => {
  const whole = (other: string) =>
    'Cannot go on with window log "windows": group "g" has its open sessions of ' +
    `"visits" in it, and so has a job of ${other}; run with another --group and ` +
    'another --window-log, or stop both jobs, delete topic "windows" and start ' +
    "each anew, this one with: sessionmill state reset --window-log windows";
  const other: Partial<Mark> = { group: "h", by: "h-a", commit: 2 };
  const text = (mark: Partial<Mark>) =>
    encodeMark({ ...MARK, ...mark }).toString();
  const kept = keptOf();
  // Where its own windows are, and behind their end.
  assert.equal(await refusal([keptOf(other)]), whole('group "h"'));
  assert.equal(
    await refusal([keptOf({ topic: "purchases", topicId: "other" })]),
    whole('topic "purchases"'),
  );
  const adopted = [...kept.records, PUT, text(other)];
  assert.equal(
    await refusal([{ ...kept, records: adopted }]),
    whole('group "h"'),
  );
  const purchases = [...kept.records, PUT, text({ topic: "purchases" })];
  assert.equal(
    await refusal([{ ...kept, records: purchases }]),
    whole('topic "purchases"'),
  );
  const own = [...kept.records, PUT, text({ commit: 6 })];
  await restore([{ ...kept, records: own }]);
  // What is damaged there is not needed.
  const damaged = [...kept.records, PUT, '{"a":1}'];
  await restore([{ ...kept, records: damaged }]);
});

test("Restore: marks that do not name their topic may be of any other", async () => {
  const kept = keptOf({ topic: null, topicId: "other" });
  assert.match(
    await refusal([kept]),
    /are of another topic than "visits" is now/,
  );
});
