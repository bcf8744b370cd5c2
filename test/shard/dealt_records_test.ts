import assert from "node:assert/strict";
import { test } from "node:test";
import { ShardReport } from "../../src/fleet/shard_report.ts";
import { createScanner, createShard } from "../../src/shard/create_shard.ts";
import { rejectionCode } from "../../src/window/rejection.ts";
import { packRowParts } from "../../src/window/row_part.ts";
import { placedChunk } from "../support/built_chunk.ts";
import { scanParts } from "../support/dealt_rows.ts";
import { plainTask } from "../support/plain_task.ts";
import { MINUTE_MS, OPTIONS, START_MS, visit } from "../support/shard_hand.ts";

const SHARDS = 3;

/** Batches of chunks, and whether all shards get them and scan them. */
const DEALT = [
  { compressions: ["none"], isShared: false },
  { compressions: ["none"], isShared: true },
  { compressions: ["gzip"], isShared: false },
  { compressions: ["none", "lz4"], isShared: false },
] as const;

for (const { compressions, isShared } of DEALT) {
  const how = isShared ? "shared chunks" : `rows: ${compressions}`;
  test(`late and rejected records come back whole out of ${how}`, () => {
    const options = { ...OPTIONS, shardCount: SHARDS };
    const long = "x".repeat(100_000);
    const values = [
      visit("a", START_MS),
      "no visit",
      null,
      visit("b", START_MS, long),
      `{"long":"${long}`,
      visit("\u00e9", START_MS),
      visit("c", START_MS),
    ];
    const records = values.map((value, i) => ({
      key: i % 2 === 0 ? `key ${i}` : null,
      value,
    }));
    const batches = compressions.map((compression, batch) => ({
      ...{ baseOffset: 100 * batch, records, compression },
    }));
    const chunk = placedChunk(batches, { partition: 6 });
    const scanner = createScanner(options);
    // Room for hardly any: it has to grow.
    const room = { shardCount: SHARDS, outBytes: 10 };
    const parts = scanParts(scanner, chunk, room);
    const found: unknown[] = [];
    for (const [shard, ofShard] of parts.entries()) {
      const owner = createShard({ ...options, shard });
      const mergedWatermarkMs = START_MS + 60 * MINUTE_MS;
      owner.handle(plainTask({ sequence: 1, mergedWatermarkMs }));
      const task = plainTask({ sequence: 2, mergedWatermarkMs });
      const report = owner.handle(
        isShared
          ? { ...task, shared: [{ chunk, nowMs: 0 }] }
          : { ...task, rows: packRowParts(ofShard) },
      );
      const sides = new ShardReport(shard, {
        ...report,
        threadCpuMs: 0,
      }).sides();
      for (const { code, partition, offset, key, value } of sides) {
        assert.equal(partition, 6);
        found.push([offset, code, textOf(key), textOf(value)]);
      }
    }
    const late = 0;
    const codes = [
      late,
      rejectionCode("not_json"),
      rejectionCode("empty"),
      late,
      rejectionCode("not_json"),
      late,
      late,
    ];
    const expected = batches.flatMap(({ baseOffset }) =>
      records.map(({ key, value }, i) => [
        ...[baseOffset + i, codes[i], key, value],
      ]),
    );
    assert.deepEqual(
      found.toSorted((a, b) => offsetOf(a) - offsetOf(b)),
      expected,
    );
  });
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString();
}

function offsetOf(side: unknown): number {
  return (side as [number])[0];
}
