import assert from "node:assert/strict";
import { test } from "node:test";
import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { generatedRecords, TELLING_BYTES } from "../support/json_mutations.ts";
import {
  expectRow,
  expectScan,
  expectSound,
  FRONT_BYTES,
  scanAlone,
  scanTogether,
} from "../support/kernel_record.ts";

test("scan() is right about every record that differs in one byte", () => {
  const [record, other] = generatedRecords(2);
  const kernel = new WindowKernel();
  for (const changed of oneByteChanges(record!)) {
    assert.equal(scanAlone(kernel, other!), true);
    // It leaves a key with an escape to others.
    expectSound(kernel, changed);
  }
});

test("scan() is right about every record that differs in one byte, as one of four", () => {
  const [record, ...others] = generatedRecords(14);
  const kernel = new WindowKernel();
  const alone = new WindowKernel();
  assert.equal(scanAlone(alone, others[0]!), true);
  let count = 0;
  for (const changed of oneByteChanges(record!, TELLING_BYTES)) {
    const isVouched = scanAlone(alone, changed);
    const values = amongOthers(others, changed, count++);
    const expected = values.map((each) => each !== changed || isVouched);
    assert.deepEqual(scanTogether(kernel, values), expected);
    for (const [row, each] of values.entries()) {
      if (expected[row]) expectRow(kernel, row, each);
    }
  }
  assert.ok(count > 10_000, `${count}`);
});

test("scan() is right about four records of which one is cut off or longer", () => {
  const [record, ...others] = generatedRecords(14);
  const kernel = new WindowKernel();
  const longer = Buffer.concat([record!, Buffer.from("}")]);
  for (let length = 1; length <= longer.length; length++) {
    if (length === record!.length) continue;
    const broken = longer.subarray(0, length);
    for (let place = 0; place < 4; place++) {
      const values = amongOthers(others, broken, place);
      const expected = values.map((each) => each !== broken);
      assert.deepEqual(scanTogether(kernel, values), expected);
    }
  }
});

/**
 * A record among others that are alike. Of the fours in front of it, of which
 * the first may be scanned one by one, one at least is scanned together.
 */
function amongOthers(
  others: readonly Buffer[],
  record: Buffer,
  place: number,
): Buffer[] {
  return others.toSpliced(8 + (place % 4), 1, record);
}

test("scan() vouches for no part of a record", () => {
  const [record, other] = generatedRecords(2);
  const kernel = new WindowKernel();
  for (let length = 0; length < record!.length; length++) {
    assert.equal(scanAlone(kernel, other!), true);
    assert.equal(scanAlone(kernel, record!, [0, length]), false);
    assert.equal(
      scanAlone(kernel, record!, [length + 1, record!.length]),
      false,
    );
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
  const kernel = new WindowKernel();
  for (let round = 0; round < 300; round++) {
    const tail = tails[(round * round + (round >> 3)) % tails.length]!;
    const time = "2024-06-01T00:00Z";
    const record = `{"visit_id":"v${round}","event_time":"${time}","page":"p"${tail}`;
    expectScan(kernel, Buffer.from(record));
  }
});

test("scan() stays right while templates have a rest", () => {
  const kernel = new WindowKernel();
  for (let round = 0; round < 5000; round++) {
    const record = `{"key${round}":${round},"visit_id":"v","event_time":"2024-06-01T00:00Z"}`;
    expectScan(kernel, Buffer.from(record));
  }
});

test("scan() learns no record that its templates have no room for", () => {
  const kernel = new WindowKernel();
  for (const size of [
    14_000,
    14_300,
    16_384,
    60_000,
    kernel.records.length - FRONT_BYTES,
  ]) {
    const head = '{"visit_id":"v","event_time":"2024-06-01T00:00Z","';
    const key = "k".repeat(size - head.length - 4);
    const record = Buffer.from(`${head}${key}":1}`);
    assert.equal(record.length, size);
    for (let round = 0; round < 20; round++) expectScan(kernel, record);
  }
  const tooLarge = Buffer.alloc(kernel.records.length + 1, 0x20);
  assert.equal(scanAlone(kernel, tooLarge), false);
});

test("scan() takes as many leaves as it has room for", () => {
  const kernel = new WindowKernel();
  for (const count of [253, 254, 255, 300]) {
    const numbers = Array.from({ length: count }, (_, i) => i);
    const record = `{"visit_id":"v","event_time":"2024-06-01T00:00Z","x":[${numbers}]}`;
    const bytes = Buffer.from(record);
    for (let round = 0; round < 3; round++) {
      const isVouched = scanAlone(kernel, bytes);
      assert.equal(isVouched, count <= 254, String(count));
    }
  }
});

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

function* oneByteChanges(record: Buffer, bytes = ALL_BYTES): Generator<Buffer> {
  for (let at = 0; at < record.length; at++) {
    for (const byte of bytes) {
      const changed = Buffer.from(record);
      changed[at] = byte;
      yield changed;
    }
  }
}
