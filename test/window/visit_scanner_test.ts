import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Random } from "../../src/generate/random.ts";
import { hashKey } from "../../src/key_hash.ts";
import { canonicalString } from "../../src/window/canonical_json.ts";
import {
  type RejectionReason,
  rejectionReason,
  VISIT,
} from "../../src/window/rejection.ts";
import {
  type RawRecords,
  VisitColumns,
} from "../../src/window/visit_columns.ts";
import { parseVisit } from "../../src/window/visit_parser.ts";
import { VisitScanner } from "../../src/window/visit_scanner.ts";
import {
  generatedRecords,
  mutated,
  SAMPLE_RECORDS,
} from "../support/json_mutations.ts";
import { JSON_RECORD } from "../support/json_record_arbitrary.ts";
import { buildRawRecords } from "../support/raw_records_builder.ts";

const MUTATIONS = 100_000;
const BATCH = 500;

test("scan() gives each record the first reason that applies", () => {
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
  const scanner = new VisitScanner({
    timePrecision: "s",
    maxRecordBytes: 1000,
    maxSkewMs: 1000,
  });
  const columns = new VisitColumns();
  const raw = buildRawRecords(records.map(([, record]) => record));
  scanner.scan(raw, columns, Date.UTC(2024, 5, 1));
  for (const [row, [reason, record]] of records.entries()) {
    const outcome = columns.outcome[row]!;
    assert.notEqual(outcome, VISIT, String(record));
    assert.equal(rejectionReason(outcome), reason, String(record));
  }
});

test("scan() measures skew from the record's timestamp, else from now", () => {
  const scanner = new VisitScanner({
    timePrecision: "s",
    maxRecordBytes: 1000,
    maxSkewMs: 0,
  });
  const value = Buffer.from(
    '{"visit_id":"a","event_time":"2024-06-01T00:00:00.500Z"}',
  );
  const timeMs = Date.UTC(2024, 5, 1) + 500;
  const columns = new VisitColumns();
  const raw = {
    ...buildRawRecords([value, value, value, value]),
    timestampsMs: Float64Array.of(timeMs, timeMs - 1, -1, timeMs + 1),
  };
  scanner.scan(raw, columns, timeMs - 1);
  const tooFar = [...columns.outcome.subarray(0, 4)].map((o) => o !== VISIT);
  assert.deepEqual(tooFar, [false, true, true, false]);
});

test("scan() takes partitions and offsets from runs, and skips keys", () => {
  const values = generatedRecords(5);
  const raw: RawRecords = {
    ...buildRawRecords(values),
    bytes: Buffer.concat(
      values.flatMap((value, row) => [Buffer.alloc(row % 3, "{"), value]),
    ),
    keyLengths: Int32Array.of(-1, 1, 2, 0, 1),
    runPartitions: Int32Array.of(3, 1),
    runCounts: Int32Array.of(2, 3),
    runBaseOffsets: Float64Array.of(5e9, 7),
    offsetDeltas: Int32Array.of(0, 2, 0, 1, 5),
  };
  const columns = new VisitColumns();
  newScanner().scan(raw, columns, 0);
  assert.deepEqual([...columns.partition.subarray(0, 5)], [3, 3, 1, 1, 1]);
  assert.deepEqual(
    [...columns.offset.subarray(0, 5)],
    [5e9, 5e9 + 2, 7, 8, 12],
  );
  for (const [row, value] of values.entries()) expectRow(columns, row, value);
});

test("scan() cuts event times down to the precision", () => {
  const values = ["1969-12-31T23:59:58.9999Z", "2024-06-01T00:00:00.1239Z"].map(
    (time) => Buffer.from(`{"visit_id":"a","event_time":"${time}"}`),
  );
  for (const [timePrecision, expected] of [
    ["s", [-2000, Date.UTC(2024, 5, 1)]],
    ["ms", [-1001, Date.UTC(2024, 5, 1) + 123]],
  ] as const) {
    const columns = new VisitColumns();
    const maxRecordBytes = 1000;
    new VisitScanner({ timePrecision, maxRecordBytes, maxSkewMs: null }).scan(
      buildRawRecords(values),
      columns,
      0,
    );
    assert.deepEqual([...columns.timestampMs.subarray(0, 2)], expected);
  }
});

test("scan() leaves generated visits where they are, without a spill", () => {
  const columns = new VisitColumns();
  newScanner().scan(buildRawRecords(generatedRecords(300)), columns, 0);
  assert.equal(columns.spillLength, 0);
});

test("scan() agrees with JSON.parse on records of any shape", () => {
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

test("scan() agrees with JSON.parse on mutated records", () => {
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

function newScanner(): VisitScanner {
  return new VisitScanner({
    timePrecision: "ms",
    maxRecordBytes: 1 << 20,
    maxSkewMs: null,
  });
}

function expectAll(scanner: VisitScanner, records: readonly Buffer[]): void {
  const columns = new VisitColumns();
  scanner.scan(buildRawRecords(records), columns, 0);
  for (const [row, record] of records.entries()) {
    expectRow(columns, row, record);
  }
}

/** Compares a row with what `parseVisit` makes of the record. */
function expectRow(columns: VisitColumns, row: number, record: Buffer): void {
  const outcome = columns.outcome[row]!;
  const expected = record.length === 0 ? "empty" : parseVisit(record);
  if (typeof expected === "string") {
    const actual = outcome === VISIT ? "a visit" : rejectionReason(outcome);
    assert.equal(actual, expected, record.toString());
    return;
  }
  assert.equal(outcome, VISIT, record.toString());
  const visitId = canonicalString(expected.visitId);
  const { keyStart, keyLength, timeStart, timeLength } = columns;
  const { pageStart, pageLength, userStart, userLength } = columns;
  assert.deepEqual(
    {
      visitId: textOf(columns, keyStart[row]!, keyLength[row]!),
      eventTime: textOf(columns, timeStart[row]!, timeLength[row]!),
      page: textOf(columns, pageStart[row]!, pageLength[row]!),
      userId: textOf(columns, userStart[row]!, userLength[row]!),
      keyHash: columns.keyHash[row],
      timestampMs: columns.timestampMs[row],
    },
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

function textOf(
  columns: VisitColumns,
  start: number,
  length: number,
): string | null {
  if (length < 0) return null;
  const bytes = start < 0 ? columns.spill : columns.bytes;
  const from = start < 0 ? ~start : start;
  return bytes.toString("latin1", from, from + length);
}
