import assert from "node:assert/strict";
import { test } from "node:test";
import type { RawRecords } from "../../src/kernel/host/visit_columns.ts";
import { rejectionReason } from "../../src/window/rejection.ts";
import { VisitScanner } from "../../src/window/visit_scanner.ts";
import { buildRawRecords, buildRuns } from "../support/raw_records_builder.ts";
import { scanAll } from "../support/scanned_rows.ts";

test("next() reads records of any size, wherever the kernel's memory ends", () => {
  const sizes = [10, 65_000, 400, 65_536, 65_537, 200_000, 3, 65_530, 1 << 20];
  const values = [...sizes, ...sizes.toReversed()].map((size, row) => {
    const head = `{"visit_id":"v${row}","event_time":"2024-06-01T00:00Z","x":"`;
    return Buffer.from(`${head}${"x".repeat(size)}"}`);
  });
  const keys = values.map((_, row) =>
    row % 5 === 0 ? "k".repeat(99_000) : null,
  );
  const records = values.map((value, row) => ({ key: keys[row]!, value }));
  const raw = buildRuns([
    { partition: 1, records: records.slice(0, 7) },
    { partition: 2, records: records.slice(7) },
  ]);
  const rows = scanAll(newScanner(), raw);
  assert.equal(rows.length, values.length);
  for (const [row, value] of values.entries()) {
    assert.equal(rows[row]!.partition, row < 7 ? 1 : 2);
    assert.equal(rows[row]!.offset, row < 7 ? row : row - 7);
    assert.equal(rows[row]!.recordKey, keys[row]);
    assert.equal(rows[row]!.value, value.toString());
    assert.equal(rows[row]!.visitId, `v${row}`);
  }
});

test("next() reads more records than the kernel has rows for", () => {
  const values = Array.from({ length: 5000 }, () => null);
  const rows = scanAll(newScanner(), buildRawRecords(values));
  assert.deepEqual(
    rows.map(({ offset }) => offset),
    [...values.keys()],
  );
  assert.ok(rows.every(({ outcome }) => rejectionReason(outcome) === "empty"));
});

test("next() refuses what Kafka would not write", () => {
  const message = {
    message:
      "Cannot read records of partition 3, from offset 70 on: one reaches past its end",
  };
  const value = "x".repeat(100);
  const run = { partition: 3, baseOffset: 70, records: [{ key: "k", value }] };
  const sound = buildRuns([run, run]);
  const { bytes } = sound;
  const scan = (changed: Partial<RawRecords>) => () =>
    scanAll(newScanner(), { ...sound, ...changed });
  // The record is there, but is said to be longer, or shorter, than it is.
  for (const [at, byte] of [
    [0, 0xfe],
    [0, 0x00],
    [0, 0x0a],
    [5, 0xfe],
    [7, 0xfe],
  ] as const) {
    const changed = Buffer.from(bytes);
    changed[at] = byte;
    assert.throws(scan({ bytes: changed }), message, `${at}`);
  }
  const counts = Int32Array.of(2, 1);
  assert.throws(scan({ runCounts: counts }), message);
  const lengths = sound.runByteLengths.map((length) => length - 1);
  assert.throws(scan({ runByteLengths: lengths }), message);
  assert.throws(
    scan({ runByteLengths: sound.runByteLengths.map((length) => length + 1) }),
    message,
  );
});

function newScanner(): VisitScanner {
  const maxRecordBytes = 2 << 20;
  return new VisitScanner({
    timePrecision: "s",
    maxRecordBytes,
    maxSkewMs: null,
  });
}
