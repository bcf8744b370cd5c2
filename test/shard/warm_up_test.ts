import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ShardPool } from "../../src/route/shard_pool.ts";
import { ShardReport } from "../../src/route/shard_report.ts";
import { SessionShard } from "../../src/shard/session_shard.ts";
import type { ShardOptions } from "../../src/shard/shard_options.ts";
import { warmUp } from "../../src/shard/warm_up.ts";
import { createEncoder } from "../../src/sink/create_encoder.ts";
import type { EncoderOptions } from "../../src/sink/session_encoder.ts";
import { TypedStore } from "../../src/window/typed_store.ts";
import { VisitScanner } from "../../src/window/visit_scanner.ts";
import type { Report } from "../../src/wire/generated/report.ts";
import { decodeReport } from "../../src/wire/report_codec.ts";
import { encodeTask } from "../../src/wire/task_codec.ts";

function optionsOf(encoder: EncoderOptions): ShardOptions {
  return {
    shard: 1,
    shardCount: 4,
    window: {
      gapMs: 86_400_000,
      outOfOrdernessMs: 1_200_000,
      allowedLatenessMs: 900_000,
      timePrecision: "s",
      maxSkewMs: 60_000,
    },
    routeBy: "visit_id",
    maxRecordBytes: 1 << 20,
    encoder,
    carriesKeys: true,
    keepLate: true,
    keepRejected: true,
    generationTime: null,
  };
}

const ENCODERS: readonly EncoderOptions[] = [
  { format: "lines", withMetadata: false, withOrder: false },
  { format: "kafka", partitionCount: 2, maxRecordBytes: 1 << 20 },
];

/** A shard that keeps what it reports. */
class WatchedShard extends SessionShard {
  readonly reports: Report[] = [];

  override handle(...message: Parameters<SessionShard["handle"]>) {
    const report = super.handle(...message);
    this.reports.push(decodeReport(report.envelope));
    return report;
  }
}

for (const encoder of ENCODERS) {
  test(`warmUp() goes the ways of ordinary visits, into ${encoder.format}`, () => {
    let shard: WatchedShard | null = null;
    warmUp(optionsOf(encoder), (options) => {
      shard = new WatchedShard(options, {
        scanner: new VisitScanner({ ...options.window, maxRecordBytes: 1e6 }),
        store: new TypedStore(options.window),
        encoder: createEncoder(options.encoder),
      });
      return shard;
    });
    const { reports } = shard! as WatchedShard;
    const sum = (of: (report: Report) => number) =>
      reports.reduce((total, report) => total + of(report), 0);
    const visits = sum((report) => report.visits());
    assert.ok(visits > 10_000, String(visits));
    assert.equal(
      sum((report) => report.visitsInSessions()),
      visits,
    );
    assert.equal(
      sum((report) => report.late()),
      0,
    );
    assert.equal(
      sum((report) => report.rejected()),
      0,
    );
    // Not only at the end of the input, where all windows fire at once.
    const early = reports.slice(0, -1).filter((each) => each.sessions() > 0);
    assert.ok(early.length > 0);
    assert.equal(reports.at(-1)!.openSessions(), 0);
  });
}

const pool = new ShardPool([optionsOf(ENCODERS[0]!)]);
after(() => pool.destroy());

test("ShardPool.ready() leaves nothing in the shards", async () => {
  await pool.ready();
  const envelope = encodeTask(
    {
      sequence: 1,
      nowMs: 0,
      mergedWatermarkMs: Infinity,
      clocksMs: new Float64Array(0),
      states: new Uint8Array(0),
      droppedPartitions: null,
    },
    null,
  );
  const posted = await pool.run(0, { envelope, payload: null, spares: [] });
  const report = new ShardReport(0, posted);
  assert.equal(report.sequence, 1);
  assert.equal(report.envelope.visits(), 0);
  assert.equal(report.envelope.sessions(), 0);
  assert.equal(report.payload, null);
});
