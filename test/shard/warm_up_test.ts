import assert from "node:assert/strict";
import { test } from "node:test";
import { ShardPool } from "../../src/fleet/shard_pool.ts";
import { ShardReport } from "../../src/fleet/shard_report.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import type { ShardOptions } from "../../src/shard/shard_options.ts";
import { warmUp } from "../../src/shard/warm_up.ts";
import { warmUpTasks } from "../../src/shard/warm_up_tasks.ts";
import type { EncoderOptions } from "../../src/sink/encode/session_encoder.ts";
import { counterOf, gaugeOf } from "../../src/wire/counters.ts";
import type { Report } from "../../src/wire/generated/report.ts";
import { decodeReport } from "../../src/wire/report_codec.ts";
import { plainTask } from "../support/plain_task.ts";
import { shardOptions } from "../support/shard_options.ts";

/** Far from what warming up needs: a gap of a day, one shard of four. */
function optionsOf(encoder: EncoderOptions): ShardOptions {
  const { window } = shardOptions();
  return shardOptions({
    shard: 1,
    shardCount: 4,
    window: { ...window, gapMs: 86_400_000, maxSkewMs: 60_000 },
    encoder,
    keepLate: true,
    keepRejected: true,
  });
}

test("warmUp() goes on to its end, however small the reports of the run are", () => {
  const encoder = { format: "lines", withMetadata: true } as const;
  const tasks = warmUpTasks();
  for (let outputBytes = 1 << 20; outputBytes > 1000; outputBytes /= 2) {
    for (const shardCount of [1, 3]) {
      const options = optionsOf({ ...encoder, withOrder: false });
      warmUp({ ...options, shard: 0, shardCount, outputBytes }, tasks);
    }
  }
});

const ENCODERS: readonly EncoderOptions[] = [
  { format: "lines", withMetadata: false, withOrder: false },
  { format: "kafka", partitionCount: 2, maxRecordBytes: 1 << 20 },
];

for (const encoder of ENCODERS) {
  test(`warmUp() goes the ways of ordinary visits, into ${encoder.format}`, () => {
    const reports: Report[] = [];
    warmUp(optionsOf(encoder), warmUpTasks(), (options) => {
      const shard = createShard(options);
      const handle = shard.handle.bind(shard);
      shard.handle = (message) => {
        const report = handle(message);
        reports.push(decodeReport(report.envelope));
        return report;
      };
      return shard;
    });
    const sum = (of: (report: Report) => number) =>
      reports.reduce((total, report) => total + of(report), 0);
    const visits = sum((report) => counterOf(report, "visits"));
    assert.ok(visits > 4_000, String(visits));
    assert.equal(
      sum((report) => counterOf(report, "visitsInSessions")),
      visits,
    );
    assert.equal(
      sum((report) => counterOf(report, "late")),
      0,
    );
    assert.equal(
      sum((report) => counterOf(report, "rejected")),
      0,
    );
    // Not only at the end of the input, where all windows fire at once.
    const early = reports
      .slice(0, -1)
      .filter((each) => counterOf(each, "sessions") > 0);
    assert.ok(early.length > 0);
    assert.equal(gaugeOf(reports.at(-1)!, "openSessions"), 0);
  });
}

for (const warmsUp of [true, false]) {
  const name = warmsUp ? "" : " that are not warmed up";
  test(`ShardPool.ready() leaves nothing in shards${name}`, async () => {
    const pool = new ShardPool(1, { warmsUp });
    try {
      await pool.ready([optionsOf(ENCODERS[0]!)]);
      const task = plainTask({ sequence: 1, mergedWatermarkMs: Infinity });
      const posted = await pool.run(0, task);
      const report = new ShardReport(0, posted);
      assert.equal(report.sequence, 1);
      assert.equal(counterOf(report.envelope, "visits"), 0);
      assert.equal(counterOf(report.envelope, "sessions"), 0);
      assert.equal(report.payload, null);
    } finally {
      await pool.destroy();
    }
  });
}
