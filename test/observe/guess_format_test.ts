import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import { guessFormat } from "../../src/observe/guess_format.ts";

const VISIT = '{"visit_id": "a", "event_time": "2024-06-01T00:00:00Z"}';

const CASES: readonly [what: string, record: string | Buffer, guess: RegExp][] =
  [
    ["gzip", gzipSync(VISIT), /^gzip, .*gzip -dc/],
    ["zstd", zstdCompressSync(VISIT), /^zstd, /],
    ["bzip2", Buffer.from("BZh91AY&SY"), /^bzip2, /],
    ["xz", Buffer.from("\xfd7zXZ\0", "latin1"), /^xz, /],
    ["zip", Buffer.from("PK\x03\x04\x14\0"), /^zip, /],
    ["Parquet", Buffer.from("PAR1\x15\x04"), /^Parquet, /],
    ["an Avro file", Buffer.from("Obj\x01\x04\x16avro.schema"), /^Avro, /],
    ["UTF-16 with a mark", utf16(`\ufeff${VISIT}`), /^UTF-16LE text/],
    ["UTF-16 without", utf16(VISIT), /^UTF-16LE text/],
    ["UTF-16 of others", utf16('["é\u4e2d"'), /^UTF-16LE text/],
    ["UTF-16 the other way", utf16(`\ufeff${VISIT}`).swap16(), /^UTF-16BE/],
    ["UTF-16 so, without a mark", utf16(VISIT).swap16(), /^UTF-16BE text/],
    ["UTF-32 with a mark", utf32(`\ufeff${VISIT}`), /^UTF-32LE text/],
    ["UTF-32 without", utf32(VISIT), /^UTF-32LE text.*-f UTF-32LE -t UTF-8/],
    [
      "UTF-32 the other way",
      utf32(`\ufeff${VISIT}`).swap32(),
      /^UTF-32BE text/,
    ],
    ["UTF-32 so, without a mark", utf32(VISIT).swap32(), /^UTF-32BE text/],
    ["a hole after a crash", Buffer.alloc(5_000), /^zero bytes, .*tr -d '\\0'/],
    ["a hole before a line", `${"\0".repeat(600)}${VISIT}`, /^zero bytes, /],
    ["a small number of a registry", "\0\0\0\0\x01{}", /^a record of a sch/],
    ["a large one", "\0\x12\0\x34\0{}", /^a record of a schema re/],
    [
      "commas behind objects",
      `${VISIT},`,
      /^objects with a comma .*: sed 's\/,/,
    ],
    ["commas and CR", `${VISIT},\r`, /^objects with a comma behind each/],
    ["a nested start", '{"visit_id": "a", "x": {"y": [1],', /^JSON over sev/],
    ["a start up to a name", '{"visit_id":', /^JSON over several lines/],
    ["a start with an odd text", '{"a": "\\"}{[",', /^JSON over several lines/],
    ["a record of a registry", "\0\0\0\0\x07\x02a", /^a record of a schema re/],
    ["a marked record", `\ufeff${VISIT}`, /^JSON behind a byte order mark/],
    ["the start of an array", "[", /^one JSON array, .*jq -c '\.\[\]'/],
    ["an array in a line", `[${VISIT},${VISIT}]`, /^one JSON array/],
    ["a long array", `[${VISIT},${"x".repeat(9000)}`, /^one JSON array/],
    ["the start of an object", "{", /^JSON over several lines/],
    ["the start, and a member", '{ "visit_id": "a",', /^JSON over several/],
    ["a header", "visit_id,event_time,page", /^CSV with a header/],
    ["CR-only line ends", `${VISIT}\r${VISIT}\r`, /^lines that end .*tr '\\r'/],
    ["many of them", `${VISIT}\r`.repeat(99), /^lines that end with CR alone/],
    ["a header before a CR", "visit_id,page\r1,home\r", /^CSV with a header/],
    ["a header in quotes", '"visit_id";"event_time"', /^CSV with a header/],
    ["a header with tabs", "visit id\tevent time\tpage", /^CSV with a header/],
    ["a page", "<!DOCTYPE html>", /^HTML/],
    ["another page", '<html lang="en">', /^HTML/],
    ["XML", '<?xml version="1.0"?>', /^XML/],
  ];

for (const [what, record, guess] of CASES) {
  test(`guessFormat() knows ${what}`, () => {
    assert.match(guessFormat(Buffer.from(record)) ?? "nothing", guess);
  });
}

test("guessFormat() says nothing of what it does not know", () => {
  const unknown = [
    "",
    " ",
    "\0",
    "broken",
    VISIT,
    '{"visit_id": "a"}',
    `{"visit_id": "${"x".repeat(10_000)}"}`,
    "a, b and c: 1",
    "2024-06-01,home,7",
    `${VISIT};`,
    `${VISIT.slice(0, -5)}`,
    `${VISIT},${VISIT},`,
    "{'visit_id': 'a',",
    "[INFO] started",
    "\0\0\0\0",
    deflateRawSync(VISIT),
  ];
  for (const record of unknown) {
    assert.equal(guessFormat(Buffer.from(record)), null, String(record));
  }
});

function utf32(text: string): Buffer {
  const codes = [...text].map((character) => character.codePointAt(0)!);
  return Buffer.from(Uint32Array.from(codes).buffer);
}

function utf16(text: string): Buffer {
  return Buffer.from(text, "utf16le");
}
