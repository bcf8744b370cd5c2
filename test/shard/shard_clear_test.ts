import assert from "node:assert/strict";
import { test } from "node:test";
import { createShard } from "../../src/shard/create_shard.ts";
import { counterOf } from "../../src/wire/counters.ts";
import {
  Hand,
  MINUTE_MS,
  OPTIONS,
  START_MS,
  visit,
} from "../support/shard_hand.ts";

test("what was put out before a clear is in no report with what comes behind", () => {
  const outputBytes = 64 * 1024;
  const shard = createShard({ ...OPTIONS, outputBytes, keepsChanges: true });
  const hand = new Hand({}, shard);
  const page = "p".repeat(8_000);
  // Two fill a report, so the last one is with what comes next.
  const ids = Array.from({ length: 41 }, (_, i) => `v${i}`);
  let report = hand.give(ids.map((id) => visit(id, START_MS, page)));
  const mergedWatermarkMs = START_MS + 1000 * MINUTE_MS;
  hand.give([], { mergedWatermarkMs });
  // It is amid the firing, and goes on with it before all these.
  hand.give([], {}, [{ kind: "clear" }]);
  const assignment = { assignment: 1, dropped: [0], topicId: null };
  hand.give([], {}, [{ kind: "reassign", ...assignment }]);
  hand.give([visit("c", START_MS)], {});
  let begun = -1;
  let fired = 0;
  for (let tasks = 0; report.appliedSequence < hand.sequence; tasks++) {
    assert.ok(tasks < 100, "the shard never gets there");
    report = hand.give([]);
    const sessions = counterOf(report.envelope, "sessions");
    if (report.answers.length > 0) begun = tasks;
    if (begun < 0) fired += sessions;
    else assert.equal(sessions, 0, "output of before the clear");
  }
  assert.ok(begun > 0 && fired > 20, `${fired} fired, ${begun} tasks`);
});
