import assert from "node:assert/strict";
import { test } from "node:test";
import { PayloadBuffers } from "../../src/fleet/payload_buffers.ts";
import { ShardLink } from "../../src/fleet/shard_link.ts";
import { ShardReport } from "../../src/fleet/shard_report.ts";
import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { SessionShard } from "../../src/shard/session_shard.ts";
import { createEncoder } from "../../src/sink/encode/create_encoder.ts";
import { SharedTime } from "../../src/watermark/shared_time.ts";
import { KernelStore } from "../../src/window/kernel_store.ts";
import { VisitScanner } from "../../src/window/visit_scanner.ts";
import { NO_ORDERS } from "../../src/wire/orders.ts";
import { shardOptions } from "../support/shard_options.ts";

const WRAP = 2 ** 32;
const OPTIONS = { nowMs: 0, isFollowed: false, orders: NO_ORDERS };

/** A shard that has had so many tasks. */
function shardAfter(lastSequence: number): SessionShard {
  const options = shardOptions();
  const kernel = new WindowKernel();
  const parts = {
    scanner: new VisitScanner(
      { ...options.window, maxRecordBytes: options.maxRecordBytes },
      kernel,
    ),
    store: new KernelStore(options.window, kernel),
    encoder: createEncoder(options.encoder, kernel),
  };
  return new SessionShard(options, parts, lastSequence);
}

test("tasks and reports are counted beyond 32 bits", () => {
  const last = WRAP - 3;
  const shard = shardAfter(last);
  const link = new ShardLink(0, new PayloadBuffers(1 << 20, 1), last);
  const { news } = new SharedTime(1, "merged");
  const applied: number[] = [];
  // Two are always under way, as with a shard that has enough to do.
  const waiting = [link.nextTask(news, OPTIONS)];
  for (let i = 0; i < 5; i++) {
    waiting.push(link.nextTask(news, OPTIONS));
    const posted = { ...shard.handle(waiting.shift()!), threadCpuMs: 0 };
    const report = new ShardReport(0, posted);
    assert.equal(report.sequence, report.appliedSequence);
    applied.push(...link.take(report).map(({ sequence }) => sequence));
  }
  assert.deepEqual(
    applied.map((sequence) => sequence - WRAP),
    [-2, -1, 0, 1, 2],
  );
  assert.equal(link.outstanding, 1);
  assert.equal(link.hasBacklog, false);
});
