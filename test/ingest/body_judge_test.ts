import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Random } from "../../src/generate/random.ts";
import {
  type BodyForm,
  ITEMS_MAX,
  LINES_MAX,
} from "../../src/ingest/body_chunks.ts";
import { BodyJudge } from "../../src/ingest/body_judge.ts";
import type { RejectionReason } from "../../src/window/rejection.ts";
import { parseVisit } from "../../src/window/visit_parser.ts";
import {
  generatedRecords,
  mutated,
  SAMPLE_RECORDS,
} from "../support/json_mutations.ts";
import { JSON_RECORD } from "../support/json_record_arbitrary.ts";

const NOW_MS = Date.UTC(2024, 5, 1, 12);
const MAX_SKEW_MS = 3_600_000;
const RULES = { maxRecordBytes: 2_000, maxSkewMs: MAX_SKEW_MS };
const JUDGE = new BodyJudge("visits", RULES);

interface Taken {
  readonly key: string;
  readonly value: Buffer;
}

function judge(body: Buffer, form: BodyForm, limit = 1 << 20) {
  const taken: Taken[] = [];
  const reasons: RejectionReason[] = [];
  const verdict = JUDGE.judge(body, {
    form,
    nowMs: NOW_MS,
    take(parts) {
      const { key, keyStart, keyLength, value } = parts;
      const { valueStart, valueLength } = parts;
      if (valueLength > limit) return false;
      taken.push({
        key: key.toString("utf8", keyStart, keyStart + keyLength),
        value: Buffer.from(
          value.subarray(valueStart, valueStart + valueLength),
        ),
      });
      return true;
    },
    onRejected: (reason) => reasons.push(reason),
  });
  return { verdict, taken, reasons };
}

/** The judge of the processor, of one value alone. */
function expected(value: Buffer): Taken | RejectionReason {
  if (value.length === 0) return "empty";
  if (value.length > RULES.maxRecordBytes) return "too_large";
  const visit = parseVisit(value, NOW_MS + MAX_SKEW_MS);
  if (typeof visit === "string") return visit;
  // Keys are UTF-8: a lone surrogate cannot be one.
  return { key: Buffer.from(visit.visitId).toString(), value };
}

function assertJudged(body: Buffer, form: BodyForm, values: Buffer[]): void {
  const { verdict, taken, reasons } = judge(body, form);
  const verdicts = values.map(expected);
  const isTaken = (each: Taken | RejectionReason) => typeof each !== "string";
  assert.deepEqual(taken, verdicts.filter(isTaken));
  const rejections = verdicts.flatMap((reason, at) =>
    typeof reason === "string" ? [{ at, reason }] : [],
  );
  assert.deepEqual(verdict, {
    accepted: taken.length,
    rejected: rejections.length,
    rejections: rejections.slice(0, 100),
  });
  assert.deepEqual(
    reasons,
    rejections.map(({ reason }) => reason),
  );
}

function arrayOf(values: readonly Buffer[]): Buffer {
  return Buffer.from(`[${values.map(String).join(" ,\n")}]`);
}

test("BodyJudge takes what the processor's judge takes, with its reasons", () => {
  const record = JSON_RECORD.map((text) => Buffer.from(text.trim()));
  const property = fc.property(fc.array(record), (values) => {
    assertJudged(arrayOf(values), "array", values);
    for (const value of values) assertJudged(value, "visit", [value]);
  });
  fc.assert(property, { numRuns: 1_000 });
});

test("BodyJudge agrees with it on records that were damaged", () => {
  const random = new Random(3);
  for (let round = 0; round < 200; round++) {
    const values = Array.from({ length: 50 }, () =>
      mutated(random, SAMPLE_RECORDS[random.below(SAMPLE_RECORDS.length)]!),
    );
    for (const value of values) {
      const trimmed = trim(value);
      assertJudged(value, "visit", [trimmed]);
    }
    // A line has no line feed, and blank ones do not count.
    const lines = values.map((value) =>
      Buffer.from(value.filter((byte) => byte !== 0x0a && byte !== 0x0d)),
    );
    const present = lines.filter((line) => String(line).trim() !== "");
    const body = Buffer.concat(present.flatMap((line) => [line, LINE_FEED]));
    assertJudged(body, "lines", present);
  }
});

const LINE_FEED = Buffer.from("\n");

function trim(value: Buffer): Buffer {
  let start = 0;
  let end = value.length;
  const isSpace = (byte: number | undefined) =>
    byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
  while (start < end && isSpace(value[start])) start++;
  while (end > start && isSpace(value[end - 1])) end--;
  return value.subarray(start, end);
}

test("BodyJudge counts lines as they stand, blank ones too", () => {
  const [good] = generatedRecords(1) as [Buffer];
  const body = Buffer.concat([
    Buffer.from("\n\r\n"),
    good,
    Buffer.from("\r\n{}\n\nx"),
  ]);
  const { verdict, taken } = judge(body, "lines");
  assert.deepEqual(taken[0]?.value, good);
  assert.deepEqual(verdict, {
    accepted: 1,
    rejected: 2,
    rejections: [
      { at: 3, reason: "visit_id_missing" },
      { at: 5, reason: "not_json" },
    ],
  });
});

test("BodyJudge takes bodies of many chunks, and large visits", () => {
  const values = generatedRecords(20_000);
  assertJudged(arrayOf(values), "array", values);
  const lines = Buffer.concat(values.flatMap((value) => [value, LINE_FEED]));
  assertJudged(lines, "lines", values);
  const large = Buffer.from(`{"visit_id":"${"x".repeat(3_000)}"}`);
  assertJudged(arrayOf([large, values[0]!]), "array", [large, values[0]!]);
});

test("BodyJudge keeps order and number when there is one that the topic does not take", () => {
  const values = generatedRecords(3);
  const { verdict, taken } = judge(arrayOf(values), "array", 10);
  assert.deepEqual(taken, []);
  assert.deepEqual(
    verdict.rejections.map(({ at, reason }) => `${at} ${reason}`),
    ["0 too_large", "1 too_large", "2 event_time_too_far_ahead"],
  );
});

test("BodyJudge takes nothing of an array that is not whole", () => {
  const values = generatedRecords(3);
  const body = arrayOf(values);
  for (const end of [body.length - 1, body.length >> 1, 1]) {
    assert.throws(() => judge(body.subarray(0, end), "array"), {
      statusCode: 400,
    });
  }
});

test("BodyJudge takes no body of more items than it may have", () => {
  const items = (count: number) => Buffer.from(`[${"7,".repeat(count - 1)}7]`);
  const { verdict } = judge(items(ITEMS_MAX), "array");
  assert.equal(verdict.rejected, ITEMS_MAX);
  assert.equal(verdict.rejections.length, 100);
  assert.throws(() => judge(items(ITEMS_MAX + 1), "array"), {
    statusCode: 413,
  });
});

test("BodyJudge counts as visits of a body of lines those that are not blank", () => {
  const lines = "7\n".repeat(ITEMS_MAX - 1);
  for (const body of [
    `${lines}7\n`,
    `${lines}7`,
    `\n${lines}\r\n \t\n7\r\n\r\n \r`,
    `${lines}\r\r\n`,
    `${lines.replaceAll("\n", "\r\n\r\n")}7`,
  ]) {
    const { verdict } = judge(Buffer.from(body), "lines");
    assert.equal(verdict.rejected, ITEMS_MAX);
  }
  for (const body of [
    `${lines}7\n7\n`,
    `${lines}7\n7`,
    `${lines}\r\r\n\r7\n`,
    "\n".repeat(LINES_MAX),
  ]) {
    assert.throws(() => judge(Buffer.from(body), "lines"), { statusCode: 413 });
  }
});
