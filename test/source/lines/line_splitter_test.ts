import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { LineSplitter } from "../../../src/source/lines/line_splitter.ts";

const MIB = 1 << 20;

/** What the splitter makes of chunks, copied. */
function split(
  chunks: Iterable<Buffer>,
  maxRecordBytes = MIB,
): { bytes: Buffer; lostBytes: number }[] {
  const splitter = new LineSplitter(maxRecordBytes);
  const all: { bytes: Buffer; lostBytes: number }[] = [];
  const keep = ({ bytes, lostBytes }: (typeof all)[0]) =>
    all.push({ bytes: Buffer.from(bytes), lostBytes });
  for (const chunk of chunks) {
    for (const lines of splitter.split(chunk)) keep(lines);
  }
  for (const lines of splitter.rest()) keep(lines);
  return all;
}

function* pieces(bytes: Buffer, byteLength: number): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += byteLength) {
    yield Buffer.from(bytes.subarray(at, at + byteLength));
  }
}

test("LineSplitter gives the bytes that came, cut behind line feeds only", () => {
  const chunk = fc.array(fc.constantFrom("a", "bc", "\n", "\r\n"));
  fc.assert(
    fc.property(fc.array(chunk), (chunks) => {
      const texts = chunks.map((parts) => parts.join(""));
      const lines = split(texts.map((text) => Buffer.from(text)));
      const whole = lines.map(({ bytes }) => bytes.toString());
      assert.equal(whole.join(""), texts.join(""));
      for (const text of whole.slice(0, -1)) assert.ok(text.endsWith("\n"));
      assert.ok(lines.every(({ lostBytes }) => lostBytes === 0));
      assert.ok(whole.every((text) => text !== ""));
    }),
  );
});

for (const pieceBytes of [4096, 65_536, MIB]) {
  test(`LineSplitter keeps the start of a long line, in pieces of ${pieceBytes}`, () => {
    const long = Buffer.alloc(5 * MIB, "x");
    const input = Buffer.concat([
      Buffer.from("before\n"),
      long,
      Buffer.from("\nafter\n"),
    ]);
    const lines = split(pieces(input, pieceBytes));
    const cut = lines.filter(({ lostBytes }) => lostBytes > 0);
    assert.equal(cut.length, 1);
    const { bytes, lostBytes } = cut[0]!;
    assert.equal(bytes.length, 2 * MIB);
    assert.equal(bytes.length + lostBytes, long.length);
    const others = lines.filter((each) => each !== cut[0]);
    const texts = others.map((each) => each.bytes.toString()).join("");
    assert.equal(texts, "before\nafter\n");
  });
}

for (const end of ["", "\n", "\r\n"]) {
  const name = JSON.stringify(end);
  test(`LineSplitter keeps a line of just what is kept in full, with its ${name}`, () => {
    for (const pieceBytes of [65_536, MIB - 1, MIB]) {
      const kept = Buffer.alloc(2 * MIB, "x");
      const line = Buffer.concat([kept, Buffer.from(end)]);
      const [lines, ...others] = split(pieces(line, pieceBytes));
      assert.deepEqual(others, []);
      assert.ok(lines!.bytes.equals(line));
      assert.equal(lines!.lostBytes, 0);
    }
  });

  test(`LineSplitter cuts a line of a byte more, with its ${name}`, () => {
    const line = Buffer.from(`${"x".repeat(2 * MIB)}y${end}`);
    const [lines, ...others] = split(pieces(line, 65_536));
    assert.deepEqual(others, []);
    assert.ok(lines!.bytes.equals(Buffer.alloc(2 * MIB, "x")));
    assert.equal(lines!.lostBytes, 1);
  });
}

test("LineSplitter keeps more where the limit on records is higher", () => {
  const line = Buffer.alloc(4 * MIB, "x");
  const [lines] = split(pieces(line, 65_536), 2 * MIB);
  assert.equal(lines!.bytes.length, 3 * MIB);
});

test("LineSplitter takes a long line byte by byte without copying it each time", () => {
  const splitter = new LineSplitter(MIB);
  const byte = Buffer.from("x");
  const startMs = performance.now();
  for (let count = 0; count < MIB; count++) {
    for (const lines of splitter.split(byte)) assert.fail(String(lines));
  }
  // Copying what is held for each byte would take minutes.
  assert.ok(performance.now() - startMs < 10_000);
  const [lines] = [...splitter.rest()];
  assert.equal(lines!.bytes.length, MIB);
});
