import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Random } from "../../src/generate/random.ts";
import { hashKey } from "../../src/kernel/host/key_hash.ts";
import { canonicalString } from "../../src/window/canonical_json.ts";
import { ChunkReader } from "../../src/window/chunk_reader.ts";
import {
  type RejectionReason,
  rejectionReason,
  VISIT,
} from "../../src/window/rejection.ts";
import { parseVisit } from "../../src/window/visit_parser.ts";
import { placedChunk, placedValues } from "../support/built_chunk.ts";
import {
  generatedRecords,
  mutated,
  SAMPLE_RECORDS,
} from "../support/json_mutations.ts";
import { JSON_RECORD } from "../support/json_record_arbitrary.ts";
import { type ReadRow, readAll } from "../support/read_rows.ts";

const MUTATIONS = 100_000;
const BATCH = 500;

test("next() gives each record the first reason that applies", () => {
  const time = '"event_time":"2024-06-01T00:00:00Z"';
  const records: [RejectionReason, string | Buffer | null][] = [
    ["empty", null],
    ["empty", ""],
    ["too_large", `{"visit_id":"${"x".repeat(2000)}`],
    ["not_utf8", Buffer.from(`{"visit_id":"\xff",${time}}`, "latin1")],
    ["not_utf8", Buffer.from('{"visit_id":"\xed\xa0\x80', "latin1")],
    ["not_json", "x"],
    ["not_json", `{"visit_id":"a",${time}`],
    ["not_json", `\ufeff{"visit_id":"a",${time}}`],
    ["not_json", `{"visit_id":"a",${time},"n":NaN}`],
    ["not_json", `{"visit_id":"a",${time},"n":01}`],
    ["not_json", `{"visit_id":"a",${time},}`],
    ["not_json", `{"visit_id":"a\n",${time}}`],
    ["not_json", `{"visit_id":"a",${time},"c":[1}]`],
    ["not_object", "[1]"],
    ["not_object", " null "],
    ["not_object", '"visit_id"'],
    ["visit_id_missing", `{${time},"context":{"visit_id":"a"}}`],
    ["visit_id_missing", `{${time},"visit_id":"a","visit_id":null}`],
    ["visit_id_missing", "{}"],
    ["visit_id_invalid", `{${time},"visit_id":""}`],
    ["visit_id_invalid", `{${time},"visit_id":7}`],
    ["visit_id_invalid", `{${time},"visit_id":["a"]}`],
    ["event_time_missing", '{"visit_id":"a"}'],
    ["event_time_missing", '{"visit_id":"a","event_time":null}'],
    ["event_time_invalid", '{"visit_id":"a","event_time":1717200000000}'],
    ["event_time_invalid", '{"visit_id":"a","event_time":"2024-02-30T00:00Z"}'],
    [
      "event_time_no_offset",
      '{"visit_id":"a","event_time":"2024-02-29T00:00"}',
    ],
    [
      "event_time_out_of_range",
      '{"visit_id":"a","event_time":"0001-01-01T00:00+01:00"}',
    ],
    [
      "event_time_too_far_ahead",
      '{"visit_id":"a","event_time":"2024-06-01T00:00:01.001Z","page":1}',
    ],
    ["page_invalid", `{"visit_id":"a",${time},"page":1,"user_id":1}`],
    ["page_invalid", `{"visit_id":"a",${time},"page":{}}`],
    ["user_id_invalid", `{"visit_id":"a",${time},"user_id":false}`],
  ];
  const scanner = new ChunkReader({
    timePrecision: "s",
    maxRecordBytes: 1000,
    maxSkewMs: 1000,
  });
  const raw = placedValues(records.map(([, record]) => record));
  const rows = readAll(scanner, raw, Date.UTC(2024, 5, 1));
  for (const [row, [reason, record]] of records.entries()) {
    const { outcome } = rows[row]!;
    assert.notEqual(outcome, VISIT, String(record));
    assert.equal(rejectionReason(outcome), reason, String(record));
  }
});

test("next() measures skew from the record's timestamp, else from now", () => {
  const scanner = new ChunkReader({
    timePrecision: "s",
    maxRecordBytes: 1000,
    maxSkewMs: 0,
  });
  const value = Buffer.from(
    '{"visit_id":"a","event_time":"2024-06-01T00:00:00.500Z"}',
  );
  const timeMs = Date.UTC(2024, 5, 1) + 500;
  const record = { key: null, value };
  const later = { ...record, timestampDelta: 1000 };
  const raw = placedChunk(
    [
      { baseTimestamp: timeMs, records: [record] },
      { baseTimestamp: timeMs - 1, records: [record] },
      { baseTimestamp: -1, records: [record] },
      { baseTimestamp: timeMs + 1, records: [record] },
      { baseTimestamp: timeMs - 1000, records: [later] },
      { baseTimestamp: timeMs - 1001, records: [later] },
      { appendTime: timeMs - 1000, records: [later] },
    ].map((batch, baseOffset) => ({ baseOffset, ...batch })),
  );
  const rows = readAll(scanner, raw, timeMs - 1);
  const tooFar = rows.map(({ outcome }) => outcome !== VISIT);
  assert.deepEqual(tooFar, [false, true, true, false, false, true, true]);
});

test("next() takes offsets from batches, and skips keys", () => {
  const values = generatedRecords(5);
  const offsetDeltas = [0, 2, 0, 1, 5];
  const keys = [null, "{", "{{", "", "{"];
  const records = values.map((value, row) => ({
    value,
    key: keys[row]!,
    offsetDelta: offsetDeltas[row]!,
    headers: { header: "{}" },
  }));
  const raw = placedChunk(
    [
      { baseOffset: 7, records: records.slice(0, 2) },
      { baseOffset: 90, lastOffsetDelta: 5, records: [] },
      { baseOffset: 5e9, records: records.slice(2) },
    ],
    { partition: 3 },
  );
  const rows = readAll(newScanner(), raw);
  const columnOf = <K extends keyof ReadRow>(name: K) =>
    rows.map((row) => row[name]);
  assert.deepEqual(columnOf("partition"), [3, 3, 3, 3, 3]);
  assert.deepEqual(columnOf("offset"), [7, 9, 5e9, 5e9 + 1, 5e9 + 5]);
  assert.deepEqual(columnOf("recordKey"), keys);
  for (const [row, value] of values.entries()) {
    assert.equal(rows[row]!.value, value.toString());
    expectRow(rows[row]!, value);
  }
});

test("next() cuts event times down to the precision", () => {
  const values = ["1969-12-31T23:59:58.9999Z", "2024-06-01T00:00:00.1239Z"].map(
    (time) => Buffer.from(`{"visit_id":"a","event_time":"${time}"}`),
  );
  for (const [timePrecision, expected] of [
    ["s", [-2000, Date.UTC(2024, 5, 1)]],
    ["ms", [-1001, Date.UTC(2024, 5, 1) + 123]],
  ] as const) {
    const rules = { timePrecision, maxRecordBytes: 1000, maxSkewMs: null };
    const rows = readAll(new ChunkReader(rules), placedValues(values));
    const timestampsMs = rows.map((row) => row.timestampMs);
    assert.deepEqual(timestampsMs, expected);
  }
});

test("next() leaves generated visits where they are, without a spill", () => {
  const raw = placedValues(generatedRecords(300));
  const rows = readAll(newScanner(), raw);
  assert.equal(rows.length, 300);
  for (const { spillLength } of rows) assert.equal(spillLength, 0);
});

test("next() agrees with parseVisit() on records of any shape", () => {
  const scanner = newScanner();
  fc.assert(
    fc.property(fc.array(JSON_RECORD, { maxLength: 5 }), (texts) => {
      expectAll(
        scanner,
        texts.map((text) => Buffer.from(text)),
      );
    }),
    { numRuns: 3000 },
  );
});

test("next() agrees with parseVisit() on mutated records", () => {
  const random = new Random(20240601);
  const scanner = newScanner();
  for (let done = 0; done < MUTATIONS; done += BATCH) {
    const records = Array.from({ length: BATCH }, (_, row) => {
      const sample = SAMPLE_RECORDS[random.below(SAMPLE_RECORDS.length)]!;
      // Sound records in between keep the templates in use.
      return row % 4 === 0 ? sample : mutated(random, sample);
    });
    expectAll(scanner, records);
  }
});

function newScanner(): ChunkReader {
  return new ChunkReader({
    timePrecision: "ms",
    maxRecordBytes: 1 << 20,
    maxSkewMs: null,
  });
}

function expectAll(scanner: ChunkReader, records: readonly Buffer[]): void {
  const rows = readAll(scanner, placedValues(records));
  assert.equal(rows.length, records.length);
  for (const [row, record] of records.entries()) expectRow(rows[row]!, record);
}

/** Compares a row with what `parseVisit` makes of the record. */
function expectRow(row: ReadRow, record: Buffer): void {
  const { outcome } = row;
  const expected = record.length === 0 ? "empty" : parseVisit(record);
  if (typeof expected === "string") {
    const actual = outcome === VISIT ? "a visit" : rejectionReason(outcome);
    assert.equal(actual, expected, record.toString());
    return;
  }
  assert.equal(outcome, VISIT, record.toString());
  const visitId = canonicalString(expected.visitId);
  const { eventTime, page, userId, keyHash, timestampMs } = row;
  assert.deepEqual(
    { visitId: row.visitId, eventTime, page, userId, keyHash, timestampMs },
    {
      visitId,
      eventTime: canonicalString(expected.eventTime),
      page: canonicalOrNull(expected.page),
      userId: canonicalOrNull(expected.userId),
      keyHash: hashKey(Buffer.from(visitId), 0, visitId.length),
      timestampMs: expected.timestampMs,
    },
    record.toString(),
  );
}

function canonicalOrNull(text: string | null): string | null {
  return text === null ? null : canonicalString(text);
}
