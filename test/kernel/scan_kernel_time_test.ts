import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { parseEventTime } from "../../src/window/event_time.ts";
import { scanAlone } from "../support/kernel_record.ts";

const TWO_DIGITS = fc.nat(99).map((n) => String(n).padStart(2, "0"));
const EVENT_TIME = fc
  .tuple(
    fc.oneof(fc.integer({ min: 0, max: 9999 }), fc.constantFrom(0, 1, 9999)),
    fc.nat(13),
    fc.nat(32),
    fc.constantFrom("T", " ", "t"),
    fc.nat(24),
    fc.nat(60),
    fc.oneof(
      fc.constant(""),
      fc.nat(60).map((n) => `:${pad(n, 2)}`),
    ),
    fc.oneof(fc.constant(""), fc.stringMatching(/^\.\d{0,12}$/)),
    fc.oneof(
      fc.constantFrom("Z", "z", "", "+00:00", "-00:00", "+24:00"),
      fc
        .tuple(fc.constantFrom("+", "-"), TWO_DIGITS, TWO_DIGITS)
        .chain(([sign, hours, minutes]) =>
          fc.constantFrom(
            `${sign}${hours}:${minutes}`,
            `${sign}${hours}${minutes}`,
            `${sign}${hours}`,
          ),
        ),
    ),
  )
  .map(
    ([year, month, day, separator, hour, minute, second, fraction, offset]) =>
      `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}${separator}${pad(hour, 2)}:${pad(minute, 2)}${second}${fraction}${offset}`,
  );

test("scan() gives the instant of all forms of an event time", () => {
  const times: [string, number][] = [
    ["2024-06-01T01:12:04+00:00", Date.UTC(2024, 5, 1, 1, 12, 4)],
    ["2024-06-01 01:12:04Z", Date.UTC(2024, 5, 1, 1, 12, 4)],
    ["2024-02-29T23:59Z", Date.UTC(2024, 1, 29, 23, 59)],
    ["2024-06-01T01:12:04.5+05:30", Date.UTC(2024, 4, 31, 19, 42, 4, 500)],
    ["2024-06-01T01:12:04.1239999-0530", Date.UTC(2024, 5, 1, 6, 42, 4, 123)],
    ["1969-12-31T23:59:59.9999Z", -1],
    ["9999-12-31T23:59:59.999Z", 253_402_300_799_999],
  ];
  const kernel = new WindowKernel();
  for (const [text, expected] of times) {
    assert.equal(read(kernel, text), expected, text);
  }
});

test("scan() leaves what may be no event time undecided", () => {
  const texts = [
    "",
    "2024-06-01",
    "2024-06-01T01:12:04",
    "2023-02-29T00:00:00Z",
    "2024-06-31T00:00:00Z",
    "2024-06-01T24:00:00Z",
    "2024-06-01T23:59:60Z",
    "2024-06-01T01:12:04.Z",
    "2024-06-01T01:12.5Z",
    "2024-06-01T01:12:04+0:00",
    "2024-06-01T01:12:04+24:00",
    "2024-06-01T01:12:04Z ",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-00:01",
    "0001-01-01T00:00:00+00:01",
  ];
  const kernel = new WindowKernel();
  for (const text of texts) assert.equal(read(kernel, text), Number.NaN, text);
});

test("scan() knows every day of 400 years, and no other", () => {
  const kernel = new WindowKernel();
  for (let year = 1900; year < 2300; year++) {
    for (let month = 0; month <= 13; month++) {
      for (const day of [0, 1, 28, 29, 30, 31, 32]) {
        const text = `${year}-${pad(month, 2)}-${pad(day, 2)}T00:00:00Z`;
        assert.equal(read(kernel, text), instantOf(text), text);
      }
    }
  }
});

test("scan() never contradicts parseEventTime()", () => {
  const kernel = new WindowKernel();
  fc.assert(
    fc.property(EVENT_TIME, (text) => {
      assert.equal(read(kernel, text), instantOf(text), text);
    }),
    { numRuns: 20_000 },
  );
});

test("scan() never contradicts parseEventTime() on a broken time", () => {
  const kernel = new WindowKernel();
  const broken = fc
    .tuple(
      fc.constantFrom(
        "2024-06-01T01:12:04.123456+05:30",
        "2024-06-01 01:12Z",
        "2024-06-01T01:12:04-0530",
      ),
      fc.nat(31),
      fc.string({ unit: "grapheme-ascii", maxLength: 2 }),
      fc.nat(2),
    )
    .map(
      ([text, at, inserted, removed]) =>
        text.slice(0, at) + inserted + text.slice(at + removed),
    );
  fc.assert(
    fc.property(broken, (text) => {
      assert.equal(read(kernel, text), instantOf(text), text);
    }),
    { numRuns: 20_000 },
  );
});

/** The instant of a visit at that time; NaN when the kernel is not sure. */
function read(kernel: WindowKernel, text: string): number {
  const record = { visit_id: "v", event_time: text };
  const bytes = Buffer.from(JSON.stringify(record));
  const isVouched = scanAlone(kernel, bytes);
  return isVouched ? kernel.columns.timestampMs[0]! : Number.NaN;
}

function instantOf(text: string): number {
  const instant = parseEventTime(text);
  return typeof instant === "string" ? Number.NaN : instant;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
