import assert from "node:assert/strict";
import { test } from "node:test";
import { readLogRecord } from "../../src/checkpoint/log_record.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import { decodeBatch } from "../support/decode_batches.ts";
import {
  Hand,
  MINUTE_MS,
  OPTIONS,
  START_MS,
  visit,
} from "../support/shard_hand.ts";

test("sessions and deltas are whole record batches, side by side in a report", async () => {
  const shard = createShard({
    ...OPTIONS,
    encoder: { format: "kafka", partitionCount: 3, maxRecordBytes: 1 << 20 },
    keepsChanges: true,
  });
  const hand = new Hand({}, shard);
  const ids = Array.from({ length: 200 }, (_, i) => `visitor ${i}`);
  const visits = ids.map((id) => visit(id, START_MS));
  // Past the end of the sessions, within their lateness.
  hand.give(visits, { mergedWatermarkMs: START_MS + 11 * MINUTE_MS });
  hand.give([]);
  // Each of these fires again at once, before the barrier.
  const again = ids.map((id) => visit(id, START_MS + MINUTE_MS));
  const report = hand.give(["broken", ...again], { barrier: 1 });
  assert.deepEqual(
    report.answers.map(({ kind }) => kind),
    ["barrier"],
  );
  const [answer] = report.answers;
  assert.ok(answer?.kind === "barrier");
  assert.equal(answer.logs.length, 1);
  assert.equal(answer.logs[0]!.oldestCommit, 1);
  assert.ok(answer.logs[0]!.liveBytes > 200 * 50);
  const keys: string[] = [];
  for (const { bytes, count, partition } of report.chunks()) {
    const { records } = await decodeBatch(bytes);
    assert.ok(partition < 3);
    assert.equal(records.length, count);
    for (const { key, value } of records) {
      keys.push(`${key}`);
      assert.equal(JSON.parse(`${value}`).visited_pages[0].length, 2);
    }
  }
  assert.deepEqual(keys.toSorted(), ids.toSorted());
  let puts = 0;
  for (const { bytes, count, partition } of report.deltas()) {
    const { records } = await decodeBatch(bytes);
    assert.equal(partition, 0);
    assert.equal(records.length, count);
    for (const { key, value } of records) {
      assert.equal(key, null);
      const change = readLogRecord(value!);
      assert.deepEqual([change?.kind, change?.commit], ["put", 1]);
      puts++;
    }
  }
  assert.equal(puts, ids.length);
  const [broken] = [...report.sides()];
  assert.equal(Buffer.from(broken!.value!).toString(), "broken");
});
