import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Random } from "../../src/generate/random.ts";
import { hashKey, shardOf } from "../../src/kernel/host/key_hash.ts";
import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import type { ChunkPlace } from "../../src/record/chunk.ts";
import type { Compression } from "../../src/record/compression.ts";
import { ChunkReader } from "../../src/window/chunk_reader.ts";
import { ChunkScanner } from "../../src/window/chunk_scanner.ts";
import { VISIT } from "../../src/window/rejection.ts";
import { packRowParts, type RowPart } from "../../src/window/row_part.ts";
import { RowReader } from "../../src/window/row_reader.ts";
import { placedChunk, placedValues } from "../support/built_chunk.ts";
import { scanParts } from "../support/dealt_rows.ts";
import { createDebugKernel } from "../support/debug_kernel.ts";
import { mutated, SAMPLE_RECORDS } from "../support/json_mutations.ts";
import { JSON_RECORD } from "../support/json_record_arbitrary.ts";
import { type ReadRow, readAll } from "../support/read_rows.ts";
import type { BuiltBatch } from "../support/record_batch_builder.ts";

const RULES = {
  timePrecision: "ms",
  maxRecordBytes: 1 << 20,
  maxSkewMs: null,
} as const;
const COMPRESSIONS: readonly Compression[] = ["none", "none", "gzip", "lz4"];
const TIME = '"event_time":"2024-06-01T00:00:00Z"';

/** What says who owns a visit, and the kernels that deal it out and take it. */
interface Dealing {
  readonly shardCount: number;
  readonly routeBy: "visit_id" | "key";
  readonly outBytes: number;
}

/** Reads a chunk at once, and by way of rows; both must say the same. */
function assertSame(
  chunk: ChunkPlace,
  { shardCount, routeBy, outBytes }: Dealing,
  reuse = new Map<string, ChunkScanner>(),
): void {
  const expected = readAll(new ChunkReader(RULES), chunk).map(withoutSpill);
  const name = `${shardCount} ${routeBy}`;
  const scanner =
    reuse.get(name) ??
    new ChunkScanner(RULES, { shardCount, routeBy }, createDebugKernel());
  reuse.set(name, scanner);
  const parts = scanParts(scanner, chunk, { shardCount, outBytes });
  const reader = new RowReader(createDebugKernel());
  for (const [shard, ofShard] of parts.entries()) {
    const rows = ofShard
      .flatMap((part) => readAll(reader, packRowParts([part])))
      .map(withoutSpill);
    const owned = expected.filter(
      (row) => ownerOf(row, routeBy, shardCount) === shard,
    );
    assert.deepEqual(rows, owned, `shard ${shard} of ${name}`);
    const together = readAll(reader, packRowParts(ofShard));
    assert.deepEqual(together.map(withoutSpill), owned, "all parts together");
    const atOnce = readAll(reader, packRowParts(joined(ofShard)));
    assert.deepEqual(atOnce.map(withoutSpill), owned, "as one part");
  }
}

/** All parts as one, which may be larger than the kernel's memory for rows. */
function joined(parts: readonly RowPart[]): RowPart[] {
  const [first] = parts;
  if (first === undefined) return [];
  const bytes = Buffer.concat(
    parts.map(
      ({ memory, at, byteLength }) => new Uint8Array(memory, at, byteLength),
    ),
  );
  const memory = new SharedArrayBuffer(bytes.length);
  bytes.copy(Buffer.from(memory));
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  return [{ ...first, memory, at: 0, byteLength: bytes.length, count }];
}

/** Where the strings stood is of no account. */
function withoutSpill(row: ReadRow): ReadRow {
  return { ...row, spillLength: 0 };
}

function ownerOf(
  row: ReadRow,
  routeBy: "visit_id" | "key",
  shardCount: number,
): number {
  if (row.outcome !== VISIT) return 0;
  if (routeBy === "visit_id") return shardOf(row.keyHash!, shardCount);
  if (!row.recordKey) return 0;
  const key = Buffer.from(row.recordKey, "latin1");
  return shardOf(hashKey(key, 0, key.length), shardCount);
}

/** A string for a JSON record, of any length and with any characters. */
function longText(random: Random): string {
  const text = ["x", "é", "\\n", "\\u00e9", "\u{1f600}", '\\"'];
  const unit = text[random.below(text.length)]!;
  const length = [3, 300, 20_000, 65_500, 66_000, 300_000][random.below(6)]!;
  return unit.repeat(Math.ceil(length / unit.length));
}

function longVisit(random: Random): Buffer {
  const id = random.below(4) === 0 ? longText(random) : `v${random.below(99)}`;
  const page = random.below(2) === 0 ? `"${longText(random)}"` : "null";
  const user = random.below(4) === 0 ? `"${longText(random)}"` : '"u"';
  const other = random.below(4) === 0 ? longText(random) : "";
  return Buffer.from(
    `{"visit_id":"${id}",${TIME},"page":${page},"user_id":${user},"x":"${other}"}`,
  );
}

function randomValue(random: Random): Buffer | null {
  const sample = SAMPLE_RECORDS[random.below(SAMPLE_RECORDS.length)]!;
  switch (random.below(12)) {
    case 0:
      return null;
    case 1:
      return Buffer.alloc(0);
    case 2:
    case 3:
    case 4:
      return mutated(random, sample);
    case 5:
      return random.below(8) === 0 ? longVisit(random) : sample;
    case 6:
      return random.below(50) === 0 ? Buffer.alloc(1_100_000, 32) : sample;
    default:
      return sample;
  }
}

function randomBatch(random: Random, baseOffset: number): BuiltBatch {
  const records = Array.from({ length: random.between(1, 300) }, () => {
    const length = random.below(40);
    const isLong = random.below(200) === 0;
    const key = isLong ? "k".repeat(70_000) : "key".repeat(length);
    return {
      key: random.below(3) === 0 ? null : key,
      value: randomValue(random),
      timestampDelta: random.below(1000),
    };
  });
  const compression = COMPRESSIONS[random.below(COMPRESSIONS.length)]!;
  return { baseOffset, baseTimestamp: 1e12, records, compression };
}

test("rows say what the scanned chunk says, on any number of shards", () => {
  const random = new Random(20261127);
  const scanners = new Map<string, ChunkScanner>();
  for (let round = 0; round < 30; round++) {
    let offset = random.below(1e9);
    const batches = Array.from({ length: random.between(1, 5) }, () => {
      const batch = randomBatch(random, offset);
      offset += batch.records.length + random.below(3);
      return batch;
    });
    const firstOffset = batches[0]!.baseOffset + random.below(40);
    const others = {
      partition: random.below(9),
      firstOffset: random.below(2) === 0 ? 0 : firstOffset,
      endOffset: random.below(2) === 0 ? offset - 10 : Infinity,
    };
    const dealing = {
      shardCount: random.between(1, 16),
      routeBy: random.below(3) === 0 ? "key" : "visit_id",
      outBytes: random.below(2) === 0 ? random.below(300) : 1 << 20,
    } as const;
    assertSame(placedChunk(batches, others), dealing, scanners);
  }
});

test("rows say the same of records of any shape", () => {
  const scanners = new Map<string, ChunkScanner>();
  const texts = fc.array(JSON_RECORD, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 16 }), (list, shardCount) => {
      const dealing = { shardCount, routeBy: "visit_id", outBytes: 0 } as const;
      assertSame(placedValues(list), dealing, scanners);
    }),
    { numRuns: 150 },
  );
});

test("a group that is full goes out, and its shard's rows stay in order", () => {
  const values = Array.from(
    { length: 3000 },
    (_, i) =>
      `{"visit_id":"v${i % 50}",${TIME},"page":"${"p".repeat(i % 200)}"}`,
  );
  const dealing = { shardCount: 2, routeBy: "visit_id", outBytes: 0 } as const;
  const scanner = new ChunkScanner(RULES, dealing);
  const chunk = placedValues(values);
  const parts = scanParts(scanner, chunk, { shardCount: 2 });
  for (const ofShard of parts) assert.ok(ofShard.length > 1);
  assertSame(chunk, dealing);
});

test("a scan that failed leaves nothing to the next one", () => {
  const owners = { shardCount: 2, routeBy: "visit_id" } as const;
  const scanner = new ChunkScanner(RULES, owners);
  const value = `{"visit_id":"v",${TIME}}`;
  const batch = { baseOffset: 1, records: [{ key: null, value }] };
  // Some of them are in a group when the scan comes to the broken batch.
  const many = Array.from({ length: 4000 }, () => ({ key: null, value }));
  const broken = placedChunk([{ baseOffset: 1, records: many }, batch]);
  Buffer.from(broken.memory)[broken.starts[1]! + 17]! ^= 1;
  assert.throws(() => scanParts(scanner, broken, { shardCount: 2 }), {
    name: "WorldError",
    message: /Cannot read topic "visits": the record batch at offset 1 of/,
  });
  const parts = scanParts(scanner, placedChunk([batch]), { shardCount: 2 });
  const counts = parts.flat().map(({ count }) => count);
  assert.deepEqual(counts, [1]);
});

test("next() refuses rows that are not as they were written", () => {
  const owners = { shardCount: 1, routeBy: "visit_id" } as const;
  const long = `{"visit_id":"v",${TIME},"page":"${"x".repeat(70_000)}"}`;
  for (const value of [`{"visit_id":"v",${TIME}}`, long]) {
    const chunk = placedValues([value, value]);
    const scanner = new ChunkScanner(RULES, owners);
    const [parts] = scanParts(scanner, chunk, { shardCount: 1 });
    const whole = parts![0]!;
    const message =
      /Cannot read \d rows of partition 0, bytes 0 to \d+: what is at \d+ is not as it was written$/;
    const reader = new RowReader(new WindowKernel());
    const refuses = (changes: Partial<RowPart>) =>
      assert.throws(
        () => readAll(reader, packRowParts([{ ...whole, ...changes }])),
        message,
      );
    refuses({ byteLength: whole.byteLength - 1 });
    refuses({ byteLength: whole.byteLength - 40 });
    refuses({ count: whole.count + 1 });
    const bytes = Buffer.from(whole.memory);
    const keyLengthAt = value === long ? 32 : 24;
    bytes[keyLengthAt + 1] = 0x7f;
    bytes[keyLengthAt + 2] = 0x7f;
    refuses({});
  }
});
