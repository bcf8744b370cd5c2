import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Random } from "../../src/generate/random.ts";
import { VisitIdFinder } from "../../src/route/visit_id_finder.ts";
import { canonicalString } from "../../src/window/canonical_json.ts";
import { parseVisit } from "../../src/window/visit_parser.ts";
import { parseStrictJson } from "../reference/strict_json.ts";
import {
  generatedRecords,
  LIKE_KEYS,
  mutated,
  SAMPLE_RECORDS,
} from "../support/json_mutations.ts";
import { JSON_RECORD } from "../support/json_record_arbitrary.ts";

const MUTATIONS = 100_000;

test("find() gives the top-level visit_id that parseVisit() reads", () => {
  const records: [string, string | null][] = [
    ['{"visit_id": "a", "page": "p"}', "a"],
    ['{"visit_id":"a","visit_id":"b","page":"twice, the last counts"}', "b"],
    ['{"visit_id":"a","visit_\\u0069d":"b","page":"an escaped key"}', "b"],
    ['{"\\u0076isit_id":"b","page":"only an escaped key"}', "b"],
    ['{"visit_id":"a","context":{"visit_id":"nested"}}', "a"],
    ['{"context":{"visit_id":"nested"},"visit_id":"a"}', "a"],
    ['{"context":{"visit_id":"nested"}}', null],
    [
      '{"page":"visit_id","user_id":"\\"visit_id\\":\\"c\\"","visit_id":"a"}',
      "a",
    ],
    ['{"visit_id":"a","page":"\\"visit_id\\":\\"c\\""}', "a"],
    ['{"visit_id":"a","visit_id":7}', null],
    ['{"visit_id":7,"visit_id":"a"}', "a"],
    ['{"visit_id":{"visit_id":"b"},"visit_id":"a"}', "a"],
    ['{"visit_id":null}', null],
    ['{"visit_id":""}', null],
    ['{"visit_id":"\\u0061\\/\\u00e9\\n"}', "a/\\u00e9\\n"],
    ['{"visit_id":"é\u{1f600}\x7f"}', "\\u00e9\\ud83d\\ude00\\u007f"],
    ['  {\n"visit_id"\t:\r"a"}', "a"],
    ['["visit_id"]', null],
    ["{}", null],
    ["null", null],
    ["", null],
    ["not JSON", null],
  ];
  const finder = new VisitIdFinder();
  for (const [record, expected] of records) {
    assert.equal(findIn(finder, Buffer.from(record)), expected, record);
  }
});

test("find() reads keys that are written alike, whatever came before", () => {
  const finder = new VisitIdFinder();
  const expected = [null, "p0", "p2", "v1", "v2", "b0"];
  for (const before of LIKE_KEYS) {
    for (const [i, record] of LIKE_KEYS.entries()) {
      findIn(finder, Buffer.from(before));
      const visitId = findIn(finder, Buffer.from(record));
      assert.equal(visitId, expected[i], `${before} ${record}`);
    }
  }
});

test("find() points into the frame where nothing is to be rewritten", () => {
  const records = generatedRecords(50);
  const frame = Buffer.concat(records);
  const finder = new VisitIdFinder();
  let start = 0;
  for (const record of records) {
    assert.equal(finder.find(frame, start, record.length), true);
    assert.equal(finder.keyBytes, frame);
    assert.equal(finder.keyStart, start + '{"visit_id": "'.length);
    start += record.length;
  }
});

test("find() reads a frame that was filled anew", () => {
  const finder = new VisitIdFinder();
  const frame = Buffer.alloc(64);
  for (const visitId of ["first", "second", "third"]) {
    const length = frame.write(`{"visit_id":"${visitId}","n":1}`);
    assert.equal(finder.find(frame, 0, length), true);
    assert.equal(keyText(finder), visitId);
  }
});

test("find() agrees with a strict parser on records of any shape", () => {
  const finder = new VisitIdFinder();
  fc.assert(
    fc.property(JSON_RECORD, (text) => {
      const record = parseStrictJson(text);
      assert.ok(record instanceof Map);
      const visitId = record.get("visit_id");
      const expected =
        typeof visitId === "string" && visitId !== ""
          ? canonicalString(visitId)
          : null;
      assert.equal(findIn(finder, Buffer.from(text)), expected);
    }),
    { numRuns: 5000 },
  );
});

test("find() is right on every mutated record that is a visit", () => {
  const random = new Random(20240602);
  const finder = new VisitIdFinder();
  for (let done = 0; done < MUTATIONS; done++) {
    const sample = SAMPLE_RECORDS[random.below(SAMPLE_RECORDS.length)]!;
    // The frame ends where the record ends: reading on would throw.
    const record = mutated(random, sample);
    const found = findIn(finder, record);
    const visit = parseVisit(record);
    if (typeof visit === "string") continue;
    assert.equal(found, canonicalString(visit.visitId), record.toString());
  }
});

function findIn(finder: VisitIdFinder, record: Buffer): string | null {
  return finder.find(record, 0, record.length) ? keyText(finder) : null;
}

function keyText(finder: VisitIdFinder): string {
  const { keyBytes, keyStart, keyLength } = finder;
  return keyBytes.toString("latin1", keyStart, keyStart + keyLength);
}
