import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { ODD, VISIT } from "../../src/kernel/codes.ts";
import type { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { parseEventTime } from "../../src/window/event_time.ts";

/** The record with `json` as the value of a member that is no field. */
export function recordWith(json: string | Buffer): Buffer {
  return Buffer.concat([
    Buffer.from('{"visit_id":"v","event_time":"2024-06-01T00:00Z","x":'),
    Buffer.from(json),
    Buffer.from("}"),
  ]);
}

/** Bytes of a Kafka record in front of its value, as `scanAlone` writes them. */
export const FRONT_BYTES = 14;

/**
 * Scans `value[start, end)` as a record without key and time. What follows it in
 * the kernel's memory stays as it was. False when it is undecided, or too large.
 */
export function scanAlone(
  kernel: WindowKernel,
  value: Buffer,
  [start, end]: readonly [number, number] = [0, value.length],
): boolean {
  return scanTogether(kernel, [value.subarray(start, end)])[0]!;
}

/**
 * Scans values as records that follow one another, as `scanAlone` does. Tells of
 * each whether it is decided; of those that there is no room for that they are not.
 */
export function scanTogether(
  kernel: WindowKernel,
  values: readonly Buffer[],
): boolean[] {
  const { calls, columns, records } = kernel;
  let end = 0;
  let count = 0;
  for (const { length } of values) {
    if (end + FRONT_BYTES + length > records.length) break;
    // Attributes, time, offset, and -1 for the length of the key.
    const front = Buffer.of(...[0, 0, 0, 0, 0], 0, 0, 0, 1, ...[0, 0, 0, 0, 0]);
    writeLong(front, 0, FRONT_BYTES - 5 + length);
    writeLong(front, 9, length);
    front.copy(records, end);
    values[count++]!.copy(records, end + FRONT_BYTES);
    end += FRONT_BYTES + length;
  }
  calls.setOrigin(0, 0, -1, 0);
  assert.equal(calls.scan(0, count, 0, end), count);
  return values.map((_, row) => {
    const outcome = row < count ? columns.outcome[row] : null;
    return outcome === VISIT || outcome === ODD;
  });
}

/** A varint of five bytes, whatever the number. */
function writeLong(bytes: Buffer, at: number, value: number): void {
  for (let i = 0; i < 5; i++) {
    const group = (value * 2) >>> (7 * i);
    bytes[at + i] = (group & 0x7f) | (i < 4 ? 0x80 : 0);
  }
}

/**
 * Scans a record alone, with other bytes behind it. Expects the kernel to
 * vouch for it exactly when it is a visit, and to find its fields.
 */
export function expectScan(kernel: WindowKernel, record: Buffer): void {
  const isVouched = expectSound(kernel, record);
  const isVisit = visitOf(record) !== undefined;
  assert.equal(isVouched, isVisit, record.toString());
}

/**
 * As `expectScan`, but the kernel may leave any record undecided. Returns
 * whether it vouches for this one.
 */
export function expectSound(kernel: WindowKernel, record: Buffer): boolean {
  kernel.records.fill(0x22);
  if (!scanAlone(kernel, record)) return false;
  expectRow(kernel, 0, record);
  return true;
}

/** Expects the record of a row, for which the kernel vouches, as it is. */
export function expectRow(
  kernel: WindowKernel,
  row: number,
  record: Buffer,
): void {
  const visit = visitOf(record);
  assert.notEqual(visit, undefined, record.toString());
  const { columns, records } = kernel;
  const found = {
    visit_id: stringAt(
      records,
      columns.keyStart[row]!,
      columns.keyLength[row]!,
    ),
    event_time: stringAt(
      records,
      columns.timeStart[row]!,
      columns.timeLength[row]!,
    ),
    page: stringAt(records, columns.pageStart[row]!, columns.pageLength[row]!),
    user_id: stringAt(
      records,
      columns.userStart[row]!,
      columns.userLength[row]!,
    ),
  };
  const { visit_id, event_time, page = null, user_id = null } = visit!;
  const expected = { visit_id, event_time, page, user_id };
  assert.deepEqual(found, expected, record.toString());
}

/** A string of a record; null for a length of -1. */
function stringAt(bytes: Buffer, start: number, length: number): unknown {
  if (length === -1) return null;
  const isOdd = length < -1;
  const end = isOdd ? start - 1 - length : start + length + 1;
  const json = bytes.toString("utf8", start - 1, end);
  const isPlain = /^"[^"\\]*"$/.test(json) && /^[ -~]*$/.test(json);
  assert.equal(isOdd, !isPlain, json);
  return JSON.parse(json);
}

/** The record as `JSON.parse` reads it; undefined when it is no visit. */
function visitOf(record: Buffer): Record<string, unknown> | undefined {
  if (!isUtf8(record)) return undefined;
  let parsed: Record<string, unknown> | null;
  try {
    parsed = JSON.parse(record.toString());
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const { visit_id, event_time, page = null, user_id = null } = parsed;
  const isVisit =
    isString(visit_id) &&
    visit_id !== "" &&
    isString(event_time) &&
    typeof parseEventTime(event_time) === "number" &&
    (page === null || isString(page)) &&
    (user_id === null || isString(user_id));
  return isVisit ? parsed : undefined;
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}
