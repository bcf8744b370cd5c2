import assert from "node:assert/strict";
import { test } from "node:test";
import { ShardReport } from "../../src/fleet/shard_report.ts";
import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { Tally } from "../../src/pipeline/tally.ts";
import { createReader } from "../../src/shard/create_shard.ts";
import { SessionShard } from "../../src/shard/session_shard.ts";
import { createEncoder } from "../../src/sink/encode/create_encoder.ts";
import { KernelStore } from "../../src/window/kernel_store.ts";
import { rejectionReason } from "../../src/window/rejection.ts";
import { plainTask } from "../support/plain_task.ts";
import { shardOptions } from "../support/shard_options.ts";

const START_MS = Date.UTC(2024, 5, 1);
/** Room for three pages. */
const SESSION_BYTES = 200;

/** A shard whose sessions are full soon. */
function createShard(keepRejected: boolean): SessionShard {
  const options = shardOptions({ keepRejected });
  const { window, encoder } = options;
  const kernel = new WindowKernel();
  const parameters = { ...window, sessionBytesMax: SESSION_BYTES };
  return new SessionShard(options, {
    reader: createReader(options, kernel),
    store: new KernelStore(parameters, kernel),
    encoder: createEncoder(encoder, kernel),
  });
}

function visit(visit_id: string, second: number): string {
  const event_time = new Date(START_MS + 1000 * second).toISOString();
  return JSON.stringify({ event_time, page: "home", visit_id, n: second });
}

for (const keepRejected of [true, false]) {
  test(`SessionShard goes on when a session is full, with keepRejected ${keepRejected}`, () => {
    const shard = createShard(keepRejected);
    const tally = new Tally();
    const lines: string[] = [];
    const sides: [string, number, string | null][] = [];
    const give = (visits: readonly string[], header = {}) => {
      const values = visits.map((text) => Buffer.from(text));
      const message = plainTask({ sequence: 1, ...header }, values, 1000);
      const report = new ShardReport(0, {
        ...shard.handle(message),
        threadCpuMs: 0,
      });
      tally.add(0, report.envelope);
      for (const { bytes } of report.chunks())
        lines.push(Buffer.from(bytes).toString());
      for (const { code, offset, value } of report.sides()) {
        const text = value === null ? null : Buffer.from(value).toString();
        sides.push([rejectionReason(code), offset, text]);
      }
      return report;
    };
    const constant = Array.from({ length: 3000 }, (_, i) => visit("same", i));
    const visits = [...constant, visit("other", 5000), "no visit"];
    const report = give(visits);
    // Their times count: those of late visits do too.
    assert.deepEqual([...report.clocksMs], [START_MS + 5_000_000]);
    give([], { sequence: 2, mergedWatermarkMs: Infinity });
    tally.assertConservation(visits.length);
    const sessions = lines.join("").trimEnd().split("\n");
    assert.deepEqual(
      sessions.map((line) => {
        const { visit_id, visited_pages } = JSON.parse(line);
        return [visit_id, visited_pages[0].length];
      }),
      [
        ["same", 3],
        // Visits that were rejected do not extend a window.
        ...Array.from({ length: 4 }, () => ["same", 3]),
        ["other", 1],
      ],
    );
    const rejected = 3000 - 15;
    assert.deepEqual(tally.rejectedByReason, {
      session_full: rejected,
      not_json: 1,
    });
    if (!keepRejected) return;
    assert.equal(sides.length, rejected + 1);
    assert.deepEqual(
      sides.find(([reason]) => reason === "session_full"),
      ["session_full", 1003, visit("same", 3)],
    );
  });
}
