import assert from "node:assert/strict";
import { test } from "node:test";
import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { generatedRecords } from "../support/json_mutations.ts";
import {
  expectScan,
  expectSound,
  FRONT_BYTES,
  scanAlone,
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

function* oneByteChanges(record: Buffer): Generator<Buffer> {
  for (let at = 0; at < record.length; at++) {
    for (let byte = 0; byte < 256; byte++) {
      const changed = Buffer.from(record);
      changed[at] = byte;
      yield changed;
    }
  }
}
