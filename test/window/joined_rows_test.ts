import assert from "node:assert/strict";
import { test } from "node:test";
import { ChunkReader } from "../../src/window/chunk_reader.ts";
import { ChunkScanner } from "../../src/window/chunk_scanner.ts";
import { packRowParts } from "../../src/window/row_part.ts";
import { RowReader } from "../../src/window/row_reader.ts";
import { placedChunk } from "../support/built_chunk.ts";
import { scanParts } from "../support/dealt_rows.ts";
import { type ReadRow, readAll } from "../support/read_rows.ts";

const RULES = {
  timePrecision: "ms",
  maxRecordBytes: 1 << 20,
  maxSkewMs: null,
} as const;
const TIME = '"event_time":"2024-06-01T00:00:00Z"';

/** Where the strings stood is of no account. */
function withoutSpill(row: ReadRow): ReadRow {
  return { ...row, spillLength: 0 };
}

test("rows of several chunks come together, each with its own record", () => {
  const owners = { shardCount: 1, routeBy: "visit_id" } as const;
  const scanner = new ChunkScanner(RULES, owners);
  const long = `{"visit_id":"v",${TIME},"page":"${"x".repeat(70_000)}"}`;
  const chunks = ["a", "b", "c", "d", "e"].map((key, partition) => {
    const values = [`{"visit_id":"${key}",${TIME}}`, `broken ${key}`];
    if (partition === 3) values.splice(1, 0, long);
    const records = values.map((value) => ({ key, value }));
    return placedChunk([{ baseOffset: 7, records }], { partition });
  });
  const expected = chunks.flatMap((chunk) =>
    readAll(new ChunkReader(RULES), chunk),
  );
  const parts = chunks.flatMap(
    (chunk) => scanParts(scanner, chunk, { shardCount: 1 })[0]!,
  );
  const reader = new RowReader();
  const rows = readAll(reader, packRowParts(parts));
  assert.deepEqual(rows.map(withoutSpill), expected.map(withoutSpill));
  reader.open(packRowParts(parts));
  const counts: number[] = [];
  while (reader.next()) counts.push(reader.visits.count);
  assert.deepEqual(
    counts,
    [7, 1, 3],
    "all in front of the long row, and behind",
  );
});
