import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Random } from "../../src/generate/random.ts";
import { hashKey, shardOf } from "../../src/kernel/host/key_hash.ts";
import { newRun, type RecordRun } from "../../src/record/record_batch.ts";
import { RecordReader } from "../../src/record/record_reader.ts";
import { Scatterer } from "../../src/route/scatterer.ts";
import { VisitIdFinder } from "../../src/route/visit_id_finder.ts";
import { readerOf } from "../support/batch_reader.ts";
import {
  generatedRecords,
  mutated,
  SAMPLE_RECORDS,
} from "../support/json_mutations.ts";
import { JSON_RECORD } from "../support/json_record_arbitrary.ts";

const SHARDS = 5;
const MUTATIONS = 20_000;
const RUN_RECORDS = 200;

test("deal() leaves no record of our generator to others", () => {
  const values = generatedRecords(1000);
  assert.equal(dealAll(values, "visit_id").left, 0);
});

test("deal() goes by the record's key where it is told to", () => {
  const { owners, left } = dealAll(generatedRecords(100), "key");
  assert.equal(left, 0);
  const expected = owners.map((_, index) => ownerOf(Buffer.from(keyOf(index))));
  assert.deepEqual(owners, expected);
  assert.ok(new Set(owners).size > 1);
});

test("deal() finds the owner that VisitIdFinder finds, or leaves it to that", () => {
  const records = [
    '{"visit_id":"a","visit_id":"b","page":"twice"}',
    '{"visit_id":"a","visit_\\u0069d":"b","page":"an escaped key"}',
    '{"visit_id":"a","visit\\u005Fid":"b","page":"an escaped key"}',
    '{"visit_id":"a","visit_\\u0069\\u0064":7}',
    '{"visit_id":"a","context":{"visit_id":"nested"}}',
    '{"page":"visit_id","visit_id":"a"}',
    '{"visit_id":"a","page":"\\"visit_id\\":\\"c\\""}',
    '{"visit_id":"a\\u0062"}',
    '{"visit_id":""}',
    '{"visit_id":"é"}',
    '{"visit_id":"a"',
    '{"visit_id":',
    "",
    "not JSON",
    `{"visit_id":"a","page":"${"x".repeat(70_000)}"}`,
  ].map((text) => Buffer.from(text));
  expectSameOwners(records);
});

test("deal() agrees with VisitIdFinder on records of any shape", () => {
  fc.assert(
    fc.property(fc.array(JSON_RECORD, { maxLength: 20 }), (texts) => {
      expectSameOwners(texts.map((text) => Buffer.from(text)));
    }),
  );
});

test("deal() agrees with VisitIdFinder on records that were changed", () => {
  const random = new Random(3);
  for (let done = 0; done < MUTATIONS; done += RUN_RECORDS) {
    expectSameOwners(
      Array.from({ length: RUN_RECORDS }, () =>
        mutated(random, SAMPLE_RECORDS[random.below(SAMPLE_RECORDS.length)]!),
      ),
    );
  }
});

function expectSameOwners(values: readonly Buffer[]): void {
  const finder = new VisitIdFinder();
  const { owners } = dealAll(values, "visit_id");
  for (const [index, value] of values.entries()) {
    // What is no JSON may be rejected by any shard.
    if (owners[index] === undefined || !isJson(value)) continue;
    const isFound = finder.find(value, 0, value.length);
    const { keyBytes, keyStart, keyLength } = finder;
    const key = keyBytes.subarray(keyStart, keyStart + keyLength);
    assert.equal(owners[index], isFound ? ownerOf(key) : 0, String(value));
  }
}

function isJson(value: Buffer): boolean {
  try {
    JSON.parse(String(value));
    return true;
  } catch {
    return false;
  }
}

/** The owner of each record, undefined for those that are left to others. */
function dealAll(
  values: readonly Buffer[],
  routeBy: "visit_id" | "key",
): { owners: (number | undefined)[]; left: number } {
  const records = values.map((value, index) => ({ key: keyOf(index), value }));
  const owners: (number | undefined)[] = values.map(() => undefined);
  const scatterer = new Scatterer(SHARDS, routeBy);
  const reader = readerOf([{ baseOffset: 0, records }]);
  const run = newRun();
  if (!reader.nextRun(run, Number.POSITIVE_INFINITY))
    return { owners, left: 0 };
  scatterer.open(run);
  const record = new RecordReader();
  let left = 0;
  while (run.count > 0) {
    const dealt = scatterer.deal(run, (shard, records) => {
      const seen = readAll(records, (offset) => {
        owners[offset] = shard;
      });
      assert.equal(seen, records.count);
    });
    if (dealt > 0) continue;
    assert.ok(record.read(run.bytes, run.start, run.end));
    run.start = record.end;
    run.count--;
    left++;
  }
  assert.equal(run.start, run.end);
  return { owners, left };
}

/** Reads records that stand together; returns how many there are. */
function readAll(run: RecordRun, see: (offset: number) => void): number {
  const record = new RecordReader();
  let count = 0;
  for (let at = run.start; at < run.end; at = record.end) {
    assert.ok(record.read(run.bytes, at, run.end));
    see(record.offsetDelta);
    count++;
  }
  return count;
}

const keyOf = (index: number) => `key-${index % 17}`;

function ownerOf(key: Buffer): number {
  return shardOf(hashKey(key, 0, key.length), SHARDS);
}
