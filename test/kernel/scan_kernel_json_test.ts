import { test } from "node:test";
import fc from "fast-check";
import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { expectScan, recordWith } from "../support/kernel_record.ts";

test("scan() knows every byte of a string at every alignment", () => {
  const kernel = new WindowKernel();
  for (let byte = 0; byte < 256; byte++) {
    for (let before = 0; before < 18; before++) {
      const text = Buffer.from(`"${"a".repeat(before)}b${"c".repeat(18)}"`);
      text[before + 1] = byte;
      expectScan(kernel, recordWith(text));
    }
  }
});

test("scan() knows every escape", () => {
  const kernel = new WindowKernel();
  for (let byte = 0; byte < 256; byte++) {
    const short = Buffer.from([0x22, 0x61, 0x5c, byte, 0x62, 0x22]);
    expectScan(kernel, recordWith(short));
    for (let digit = 0; digit < 4; digit++) {
      const text = Buffer.from('"a\\u00e9b"');
      text[4 + digit] = byte;
      expectScan(kernel, recordWith(text));
    }
  }
});

test("scan() accepts the same UTF-8 as Node", () => {
  const kernel = new WindowKernel();
  for (let lead = 0x80; lead < 256; lead++) {
    for (let second = 0; second < 256; second++) {
      for (const third of [0x22, 0x61, 0x7f, 0x80, 0xbf, 0xc0]) {
        for (const fourth of [0x22, 0x80, 0xbf, 0xe9]) {
          const text = [0x22, lead, second, third, fourth, 0x22];
          expectScan(kernel, recordWith(Buffer.from(text)));
        }
      }
    }
  }
});

test("scan() accepts the numbers and literals of JSON", () => {
  const kernel = new WindowKernel();
  const scalar = fc.oneof(
    fc.stringMatching(/^-?[0-9]{0,3}(\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?$/),
    fc.stringMatching(/^[-+.eE019]{1,6}$/),
    fc
      .tuple(fc.constantFrom("true", "false", "null"), fc.nat(5), fc.string())
      .map(([text, at, tail]) => text.slice(0, at) + tail.slice(0, 1)),
  );
  fc.assert(
    fc.property(scalar, (text) => expectScan(kernel, recordWith(text))),
    { numRuns: 20_000 },
  );
});

test("scan() skips the white space of JSON and no other", () => {
  const kernel = new WindowKernel();
  for (let byte = 0; byte < 256; byte++) {
    for (const text of [" 1", "[ ]", "[ 1]", "[1 ]", "[1 ,2]", '{"a" :1}']) {
      const json = Buffer.from(text);
      json[text.indexOf(" ")] = byte;
      expectScan(kernel, recordWith(json));
    }
  }
});

test("scan() finds odd strings in every field", () => {
  const kernel = new WindowKernel();
  const odd = ["\\n", "é", "\\u0061", "\x7f", "a\\/b", "𝄞", '\\"'];
  for (const text of odd) {
    for (const name of ["visit_id", "page", "user_id"]) {
      const plain = { visit_id: "v", page: "p", user_id: "u" };
      const fields = Object.entries({ ...plain, [name]: text })
        .map(([key, value]) => `"${key}":"${value}"`)
        .join(",");
      const record = `{${fields},"event_time":"2024-06-01T00:00Z"}`;
      expectScan(kernel, Buffer.from(record));
    }
  }
});
