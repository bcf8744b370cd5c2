import assert from "node:assert/strict";
import { test } from "node:test";
import {
  EVENT_TIME,
  PAGE,
  RecordLeaves,
  USER_ID,
  VISIT_ID,
} from "../../src/window/record_leaves.ts";
import { TemplateScanner } from "../../src/window/template_scanner.ts";
import { generatedRecords } from "../support/json_mutations.ts";

const FIELDS = {
  visit_id: VISIT_ID,
  event_time: EVENT_TIME,
  page: PAGE,
  user_id: USER_ID,
} as const;

test("scan() is right about every record that differs in one byte", () => {
  const [record, other] = generatedRecords(2);
  const { leaves, scanner } = newScanner();
  for (const changed of oneByteChanges(record!)) {
    assert.equal(scanOne(scanner, other!), true);
    if (scanOne(scanner, changed)) expectLeaves(leaves, changed);
  }
});

test("scan() vouches for no part of a record", () => {
  const [record, other] = generatedRecords(2);
  const { scanner } = newScanner();
  for (let length = 0; length < record!.length; length++) {
    assert.equal(scanOne(scanner, other!), true);
    assert.equal(scanOne(scanner, record!.subarray(0, length)), false);
    assert.equal(scanOne(scanner, record!.subarray(length + 1)), false);
  }
});

test("scan() keeps apart layouts that begin alike", () => {
  const tails = [
    "}",
    ',"a":1}',
    ',"a":[]}',
    ',"a":[1]}',
    ',"a":[1,2]}',
    ',"a":{"page":"nested"}}',
    ',"a":{"page":"nested"},"page":"last"}',
    ',"a":true,"b":{}}',
    ',"a":null,"b":{},"visit_id":"last"}',
    ',"a":"","b":{},"visit_id":"last"}\n',
    ' , "a":"x"}',
  ];
  const { leaves, scanner } = newScanner();
  for (let round = 0; round < 300; round++) {
    const tail = tails[(round * round + (round >> 3)) % tails.length]!;
    const record = Buffer.from(
      `{"visit_id":"v${round}","event_time":"t","page":"p"${tail}`,
    );
    assert.equal(scanOne(scanner, record), true, record.toString());
    expectLeaves(leaves, record);
  }
});

test("scan() stays right while templates have a rest", () => {
  const { leaves, scanner } = newScanner();
  for (let round = 0; round < 5000; round++) {
    const record = Buffer.from(`{"key${round}":${round},"visit_id":"v"}`);
    assert.equal(scanOne(scanner, record), true);
    expectLeaves(leaves, record);
  }
});

function newScanner(): { leaves: RecordLeaves; scanner: TemplateScanner } {
  const leaves = new RecordLeaves();
  return { leaves, scanner: new TemplateScanner(leaves) };
}

// The record stands alone in its memory, so that its leaves are at the
// positions that they have in it, and reading beyond it throws.
function scanOne(scanner: TemplateScanner, record: Buffer): boolean {
  const { buffer, byteOffset, length } = record;
  return scanner.scan(new DataView(buffer, byteOffset, length), 0, length);
}

function* oneByteChanges(record: Buffer): Generator<Buffer> {
  for (let at = 0; at < record.length; at++) {
    for (let byte = 0; byte < 256; byte++) {
      const changed = Buffer.from(record);
      changed[at] = byte;
      yield changed;
    }
  }
}

/** Compares the fields with those that `JSON.parse` finds. */
function expectLeaves(leaves: RecordLeaves, record: Buffer): void {
  const fatal = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const parsed = JSON.parse(fatal.decode(record));
  for (const [name, field] of Object.entries(FIELDS)) {
    const leaf = leaves.fields[field]!;
    if (leaf < 0) {
      assert.equal(name in parsed, false, record.toString());
      continue;
    }
    const end = leaves.end[leaf]!;
    const json = record.toString(
      "utf8",
      leaves.start[leaf]!,
      end < 0 ? ~end : end,
    );
    assert.equal(JSON.parse(json), parsed[name], record.toString());
  }
}
