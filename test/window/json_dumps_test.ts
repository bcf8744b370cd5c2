import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ChunkReader } from "../../src/window/chunk_reader.ts";
import type { WindowStore } from "../../src/window/window_store.ts";
import { placedValues } from "../support/built_chunk.ts";
import { CollectingOutput } from "../support/collecting_output.ts";
import { WINDOW_STORES } from "../support/window_stores.ts";

/** A line of what `make_fixtures.py` wrote. */
interface Fixture {
  readonly name: string;
  readonly records: readonly string[];
  /** Null for +∞. */
  readonly watermark_ms: number | null;
  readonly generation_time: string;
  readonly value: string;
}

const FIXTURES = new URL(
  "../fixtures/json_dumps/sessions.jsonl",
  import.meta.url,
);

const WINDOW = { gapMs: 600_000, allowedLatenessMs: 900_000 };

const RULES = {
  timePrecision: "s",
  maxRecordBytes: 1024 * 1024,
  maxSkewMs: null,
} as const;

const fixtures: readonly Fixture[] = readFileSync(FIXTURES, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line));

for (const { name, create } of WINDOW_STORES) {
  test(`${name} formats sessions as Python's json.dumps does`, () => {
    // One reader for all, so that it meets what it has learned otherwise.
    const reader = new ChunkReader(RULES);
    for (const fixture of fixtures) {
      const values = valuesOf(create(WINDOW), reader, fixture);
      assert.deepEqual(values, [fixture.value], fixture.name);
    }
  });
}

test("the fixtures cover all kinds of text", () => {
  assert.ok(fixtures.length >= 70);
});

function valuesOf(
  store: WindowStore,
  reader: ChunkReader,
  fixture: Fixture,
): string[] {
  const out = new CollectingOutput();
  out.generationTime = fixture.generation_time;
  reader.open(placedValues(fixture.records), 0);
  while (reader.next()) store.applyVisits(reader.visits, 0, out);
  store.advanceTo(fixture.watermark_ms ?? Infinity, out);
  return out.firings.map((firing) => firing.value);
}
