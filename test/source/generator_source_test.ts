import assert from "node:assert/strict";
import { test } from "node:test";
import { wallClockMs } from "../../src/clock.ts";
import type { GeneratorConfig } from "../../src/config/config.ts";
import { DEFAULT_GENERATOR } from "../../src/config/generator_defaults.ts";
import { newCursor, type RecordBatch } from "../../src/record/record_batch.ts";
import { GeneratorSource } from "../../src/source/generator_source.ts";
import { collect } from "../generate/collect.ts";

interface Read {
  readonly key: string;
  readonly value: string;
  readonly offset: number;
}

function readAll(batch: RecordBatch): Read[] {
  const at = newCursor();
  const records: Read[] = [];
  while (batch.next(at)) {
    const text = (start: number, length: number) =>
      at.bytes.toString("utf8", start, start + length);
    records.push({
      key: text(at.keyStart, at.keyLength),
      value: text(at.valueStart, at.valueLength),
      offset: at.offset,
    });
  }
  return records;
}

function source(changes: Partial<GeneratorConfig>): GeneratorSource {
  const generated = new GeneratorSource({ ...DEFAULT_GENERATOR, ...changes });
  generated.begin(0, "earliest");
  return generated;
}

function isCaughtUp(generated: GeneratorSource): boolean {
  return generated.partitions()[0]!.isCaughtUp;
}

test("GeneratorSource gives all records in order, then finishes", async () => {
  const changes = { count: 3000, duplicatePercent: 5, missingPercent: 5 };
  const generated = source(changes);
  const kinds: string[] = [];
  const records: Read[] = [];
  await generated.open();
  for await (const event of generated.events()) {
    kinds.push(event.kind);
    if (event.kind === "assigned") {
      assert.deepEqual(event.partitions, [0]);
    } else if (event.kind === "records") {
      assert.equal(event.batch.partition, 0);
      assert.ok(event.batch.byteLength <= 512 * 1024);
      assert.ok(Math.abs(event.batch.fetchedAtMs - wallClockMs()) < 5000);
      records.push(...readAll(event.batch));
      event.batch.release();
    }
  }
  await generated.close();
  assert.equal(kinds[0], "assigned");
  assert.equal(kinds.at(-1), "finished");
  assert.ok(kinds.length > 5);
  const expected = collect(3000, changes).records;
  assert.deepEqual(
    records,
    expected.map((record, offset) => ({ ...record, offset })),
  );
  assert.equal(generated.counts.records, records.length);
});

test("GeneratorSource uses a frame again only after its release", async () => {
  const held: RecordBatch[] = [];
  const frames = new Set<Buffer>();
  const at = newCursor();
  for await (const event of source({ count: 20_000 }).events()) {
    if (event.kind !== "records") continue;
    held.push(event.batch);
    event.batch.next(at);
    frames.add(at.bytes);
    if (held.length > 3) held.shift()!.release();
  }
  assert.ok(held.length === 3 && frames.size === 4);
  // Those that were not released are as they were.
  for (const batch of held) {
    for (const { value } of readAll(batch)) JSON.parse(value);
    batch.release();
    batch.release();
  }
});

test("GeneratorSource without a count runs until it is stopped", async () => {
  const endless = source({});
  let batches = 0;
  for await (const event of endless.events()) {
    assert.notEqual(event.kind, "finished");
    if (event.kind !== "records") continue;
    event.batch.release();
    if (++batches === 10) endless.stop();
  }
  assert.equal(batches, 10);
});

test("GeneratorSource is caught up while it waits for the rate", async () => {
  const slow = source({ ratePerSecond: 20, count: 3 });
  assert.equal(isCaughtUp(slow), false);
  const seen: boolean[] = [];
  const timer = setInterval(() => seen.push(isCaughtUp(slow)), 10);
  const startMs = wallClockMs();
  const sizes: number[] = [];
  for await (const event of slow.events()) {
    if (event.kind !== "records") continue;
    assert.equal(isCaughtUp(slow), false);
    sizes.push(readAll(event.batch).length);
    event.batch.release();
  }
  clearInterval(timer);
  assert.equal(
    sizes.reduce((sum, size) => sum + size),
    3,
  );
  assert.ok(wallClockMs() - startMs >= 99);
  assert.ok(seen.includes(true));
});

test("GeneratorSource dates records from when they were due", async () => {
  const at = newCursor();
  const dueMs: number[] = [];
  const steady = source({ ratePerSecond: 1000, count: 50 });
  for await (const event of steady.events()) {
    if (event.kind !== "records") continue;
    // A slow reader: what is due meanwhile keeps its time.
    await new Promise((resolve) => setTimeout(resolve, 30));
    dueMs.push(event.batch.fetchedAtMs);
    event.batch.next(at);
    assert.equal(at.timestampMs, Math.floor(event.batch.fetchedAtMs));
    event.batch.release();
  }
  const spanMs = dueMs.at(-1)! - dueMs[0]!;
  assert.ok(spanMs < 50, `the last was due ${spanMs} ms after the first`);
  assert.deepEqual(dueMs, dueMs.toSorted());
});

test("GeneratorSource stops while it waits for the rate", async () => {
  const slow = source({ ratePerSecond: 0.01 });
  setTimeout(() => slow.stop(), 20);
  let batches = 0;
  for await (const event of slow.events()) {
    if (event.kind === "records") batches++;
  }
  assert.equal(batches, 1);
});

test("GeneratorSource begins at the record it is told", async () => {
  const { records: whole } = collect(3000, {});
  const generated = source({ count: 3000 });
  generated.begin(0, 2345);
  const records: Read[] = [];
  for await (const event of generated.events()) {
    if (event.kind !== "records") continue;
    records.push(...readAll(event.batch));
    event.batch.release();
  }
  const expected = whole.map((record, offset) => ({ ...record, offset }));
  assert.deepEqual(records, expected.slice(2345));
  assert.equal(generated.partitions()[0]!.position, whole.length);
});

test("GeneratorSource.events() throws when it was not told where to begin", async () => {
  const source = new GeneratorSource(DEFAULT_GENERATOR);
  await assert.rejects(async () => {
    for await (const _ of source.events());
  }, /begin was not called/);
});
