import assert from "node:assert/strict";
import { test } from "node:test";
import { wallClockMs } from "../../src/clock.ts";
import type { GeneratorConfig } from "../../src/config/config.ts";
import { DEFAULT_GENERATOR } from "../../src/config/generator_defaults.ts";
import type { Chunk } from "../../src/record/chunk.ts";
import {
  type GeneratorOptions,
  GeneratorSource,
} from "../../src/source/generator_source.ts";
import { collect } from "../generate/collect.ts";
import { walkChunk } from "../support/built_chunk.ts";

interface Read {
  readonly key: string;
  readonly value: string;
  readonly offset: number;
}

const CLOCK: GeneratorOptions = { timestamps: "clock", roundRecords: null };
const CHUNK_BYTES = 1 << 20;

function readAll(chunk: Chunk): Read[] {
  return walkChunk(chunk).map(({ key, value, offset }) => {
    assert.ok(key !== null && value !== null);
    return { key, value, offset };
  });
}

function source(
  changes: Partial<GeneratorConfig>,
  options = CLOCK,
): GeneratorSource {
  const config = { ...DEFAULT_GENERATOR, ...changes };
  const generated = new GeneratorSource(config, options);
  generated.begin(0, "earliest");
  return generated;
}

function isCaughtUp(generated: GeneratorSource): boolean {
  return generated.partitions()[0]!.isCaughtUp;
}

test("GeneratorSource gives all records in order, then finishes", async () => {
  const changes = { count: 9000, duplicatePercent: 5, missingPercent: 5 };
  const generated = source(changes);
  const kinds: string[] = [];
  const records: Read[] = [];
  await generated.open();
  assert.deepEqual(generated.extent(), { done: 0, total: 9000 });
  for await (const event of generated.events()) {
    kinds.push(event.kind);
    if (event.kind === "assigned") {
      assert.deepEqual(event.partitions, [0]);
    } else if (event.kind === "records") {
      assert.equal(event.chunk.partition, 0);
      assert.ok(event.chunk.byteLength <= CHUNK_BYTES);
      assert.ok(Math.abs(event.chunk.fetchedAtMs - wallClockMs()) < 5000);
      records.push(...readAll(event.chunk));
      event.chunk.release();
    }
  }
  await generated.close();
  assert.equal(kinds[0], "assigned");
  assert.equal(kinds.at(-1), "finished");
  assert.ok(kinds.length > 5);
  const expected = collect(9000, changes).records;
  assert.deepEqual(
    records,
    expected.map((record, offset) => ({ ...record, offset })),
  );
  assert.equal(generated.counts.records, records.length);
  assert.deepEqual(generated.extent(), { done: 9000, total: 9000 });
});

test("GeneratorSource uses a frame again only after its release", async () => {
  const held: Chunk[] = [];
  const frames = new Set<ArrayBufferLike>();
  for await (const event of source({ count: 20_000 }).events()) {
    if (event.kind !== "records") continue;
    held.push(event.chunk);
    frames.add(event.chunk.bytes.buffer);
    if (held.length > 3) held.shift()!.release();
  }
  assert.ok(held.length === 3 && frames.size === 4);
  // Those that were not released are as they were.
  for (const chunk of held) {
    for (const { value } of readAll(chunk)) JSON.parse(value);
    chunk.release();
    assert.throws(() => chunk.release(), /it was released before$/);
  }
});

test("GeneratorSource without a count runs until it is stopped", async () => {
  const endless = source({});
  let chunks = 0;
  for await (const event of endless.events()) {
    assert.notEqual(event.kind, "finished");
    if (event.kind !== "records") continue;
    event.chunk.release();
    if (++chunks === 10) endless.stop();
  }
  assert.equal(chunks, 10);
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
    sizes.push(readAll(event.chunk).length);
    event.chunk.release();
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
  const dueMs: number[] = [];
  const steady = source({ ratePerSecond: 1000, count: 50 });
  for await (const event of steady.events()) {
    if (event.kind !== "records") continue;
    // A slow reader: what is due meanwhile keeps its time.
    await new Promise((resolve) => setTimeout(resolve, 30));
    dueMs.push(event.chunk.fetchedAtMs);
    const [first] = walkChunk(event.chunk);
    assert.equal(first!.timestampMs, Math.floor(event.chunk.fetchedAtMs));
    event.chunk.release();
  }
  const spanMs = dueMs.at(-1)! - dueMs[0]!;
  assert.ok(spanMs < 50, `the last was due ${spanMs} ms after the first`);
  assert.deepEqual(dueMs, dueMs.toSorted());
});

test("GeneratorSource stops while it waits for the rate", async () => {
  const slow = source({ ratePerSecond: 0.01 });
  setTimeout(() => slow.stop(), 20);
  let chunks = 0;
  for await (const event of slow.events()) {
    if (event.kind === "records") chunks++;
  }
  assert.equal(chunks, 1);
});

test("GeneratorSource begins at the record it is told", async () => {
  const { records: whole } = collect(3000, {});
  const generated = source({ count: 3000 });
  generated.begin(0, 2345);
  const records: Read[] = [];
  for await (const event of generated.events()) {
    if (event.kind !== "records") continue;
    records.push(...readAll(event.chunk));
    event.chunk.release();
  }
  const expected = whole.map((record, offset) => ({ ...record, offset }));
  assert.deepEqual(records, expected.slice(2345));
  assert.equal(generated.partitions()[0]!.position, whole.length);
});

test("GeneratorSource.events() throws when it was not told where to begin", async () => {
  const source = new GeneratorSource(DEFAULT_GENERATOR, CLOCK);
  await assert.rejects(async () => {
    for await (const _ of source.events());
  }, /begin was not called/);
});

test("GeneratorSource takes timestamps from its seed, if told so", async () => {
  const flaws = { latePercent: 5, duplicatePercent: 5, missingPercent: 2 };
  const read = async () => {
    const options = { timestamps: "seed", roundRecords: null } as const;
    const all: { offset: number; timestampMs: number; value: string }[] = [];
    for await (const event of source(
      { count: 5000, ...flaws },
      options,
    ).events()) {
      if (event.kind !== "records") continue;
      for (const { offset, timestampMs, value } of walkChunk(event.chunk)) {
        all.push({ offset, timestampMs, value: value! });
      }
      event.chunk.release();
    }
    return all;
  };
  const records = await read();
  assert.deepEqual(await read(), records);
  let beforeMs = DEFAULT_GENERATOR.startTimeMs;
  let visits = 0;
  for (const { timestampMs, value } of records) {
    assert.ok(timestampMs >= beforeMs);
    beforeMs = timestampMs;
    const visit = JSON.parse(value) as { event_time?: string | null };
    if (typeof visit.event_time !== "string") continue;
    visits++;
    // A visit is never from the future: no skew check could object.
    assert.ok(Date.parse(visit.event_time) <= timestampMs);
  }
  assert.ok(visits > 5000 && beforeMs > DEFAULT_GENERATOR.startTimeMs);
});

test("GeneratorSource cuts its chunks at each round", async () => {
  const options = { timestamps: "seed", roundRecords: 1500 } as const;
  const ends: number[] = [];
  for await (const event of source({ count: 5000 }, options).events()) {
    if (event.kind !== "records") continue;
    ends.push(event.chunk.endOffset);
    event.chunk.release();
  }
  for (const end of [1500, 3000, 4500]) assert.ok(ends.includes(end));
});
