import assert from "node:assert/strict";
import { test } from "node:test";
import { FirstRecord } from "../../src/pipeline/first_record.ts";
import type { Compression } from "../../src/record/compression.ts";
import { chunkOf, TOPIC } from "../support/built_chunk.ts";

const HEADER = "visit_id,event_time";

function watch(
  first: FirstRecord,
  values: readonly (string | null)[],
  compression: Compression = "none",
): void {
  const records = values.map((value) => ({ key: null, value }));
  let isFree = false;
  const chunk = chunkOf([{ baseOffset: 7, records, compression }], {
    onFree: () => {
      isFree = true;
    },
  });
  first.watch(chunk, TOPIC);
  assert.equal(isFree, false);
  chunk.release();
}

test("FirstRecord shows what the first record looks like, not the next ones", () => {
  const first = new FirstRecord();
  assert.equal(first.looksLike, null);
  watch(first, [HEADER, "{"]);
  assert.match(first.looksLike!, /^CSV/);
  watch(first, ["{", "<html>"]);
  assert.match(first.looksLike!, /^CSV/);
});

test("FirstRecord waits for a record that holds something", () => {
  const first = new FirstRecord();
  watch(first, ["", null, ""]);
  assert.equal(first.looksLike, null);
  watch(first, ["", HEADER]);
  assert.match(first.looksLike!, /^CSV/);
});

test("FirstRecord looks into no chunk any more when it has a record", () => {
  const first = new FirstRecord();
  watch(first, [HEADER]);
  const chunk = chunkOf([{ baseOffset: 0, records: [] }]);
  // Nobody can look into this one.
  first.watch({ ...chunk, bytes: Buffer.alloc(0), starts: [99] }, TOPIC);
  assert.match(first.looksLike!, /^CSV/);
});

test("FirstRecord looks into what is packed", () => {
  for (const compression of ["gzip", "snappy", "lz4", "zstd"] as const) {
    const first = new FirstRecord();
    watch(first, ["", HEADER], compression);
    assert.match(first.looksLike!, /^CSV/, compression);
  }
});

test("FirstRecord keeps the start of a record that is large", () => {
  const first = new FirstRecord();
  watch(first, [`[${"1,".repeat(1_000_000)}`]);
  assert.match(first.looksLike!, /^one JSON array/);
});
