import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderSection } from "../../src/record/header_section.ts";
import { readHeaders } from "../../src/record/record_headers.ts";

function section(headers: Readonly<Record<string, string>>): Buffer {
  const written = new HeaderSection();
  written.clear();
  for (const [name, value] of Object.entries(headers)) written.add(name, value);
  return written.bytes.subarray(0, written.byteLength);
}

test("readHeaders() reads what HeaderSection has written", () => {
  const headers = { "session-id": "0-12", final: "true", empty: "" };
  const bytes = Buffer.concat([Buffer.from("xx"), section(headers)]);
  const range = { at: 2, end: bytes.length };
  assert.deepEqual(readHeaders(bytes, range), headers);
  assert.deepEqual(readHeaders(section({}), { at: 0, end: 1 }), {});
});

test("readHeaders() leaves out what reaches past the end of the record", () => {
  const bytes = section({ first: "whole", second: "cut" });
  const padded = Buffer.concat([bytes, Buffer.alloc(20, 0x41)]);
  const range = { at: 0, end: bytes.length - 1 };
  assert.deepEqual(readHeaders(padded, range), { first: "whole" });
  for (let end = 1; end < bytes.length; end++) {
    readHeaders(bytes.subarray(0, end), { at: 0, end });
  }
});
