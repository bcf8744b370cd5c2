import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LinePacker } from "../../../src/kernel/host/line_packer.ts";
import type { Chunk } from "../../../src/record/chunk.ts";
import { LineChunks } from "../../../src/source/lines/line_chunks.ts";
import { walkChunk } from "../../support/built_chunk.ts";

const N = "n".charCodeAt(0);

interface Written {
  readonly texts: readonly string[];
  readonly firstLine?: number;
  readonly roundRecords?: number | null;
  readonly lostBytes?: number;
  /** The texts are in the memory that files are read into. */
  readonly isRead?: boolean;
}

/** The chunks of texts of whole lines, each of which is at hand at once. */
function chunksOf(given: Written): { chunks: Chunk[]; nextLine: number } {
  const { texts, firstLine = 0, roundRecords = null, lostBytes = 0 } = given;
  const packer = new LinePacker();
  const lines = new LineChunks({ firstLine, roundRecords, packer });
  const placeOf = (text: string) => {
    const [next, read] = packer.reads;
    // What is read meanwhile.
    next.fill("n");
    return read.subarray(0, read.write(text));
  };
  const chunks: Chunk[] = [];
  for (const text of texts) {
    const bytes = given.isRead ? placeOf(text) : Buffer.from(text);
    lines.expect(bytes.length);
    lines.open({ bytes, lostBytes });
    while (!lines.write()) chunks.push(lines.take(7)!);
    // Its memory is used again.
    bytes.fill("z");
    const last = lines.take(7);
    if (last !== null) chunks.push(last);
    const [next] = packer.reads;
    if (given.isRead) assert.ok(next.every((byte) => byte === N));
  }
  return { chunks, nextLine: lines.line };
}

function recordsOf(chunks: readonly Chunk[]): [number, string][] {
  return chunks.flatMap((chunk) =>
    walkChunk(chunk).map(({ offset, value }): [number, string] => [
      offset,
      value!,
    ]),
  );
}

function linesOf(...texts: string[]): [number, string][] {
  return recordsOf(chunksOf({ texts }).chunks);
}

test("LineChunks gives lines with their numbers as offsets", () => {
  assert.deepEqual(linesOf("a\nb\n", "c\n"), [
    [0, "a"],
    [1, "b"],
    [2, "c"],
  ]);
});

test("LineChunks gives records of partition 0, without keys and times", () => {
  const { chunks } = chunksOf({ texts: ["a\n"] });
  assert.deepEqual(chunks.flatMap(walkChunk), [
    { partition: 0, offset: 0, key: null, value: "a", timestampMs: -1 },
  ]);
  const { fetchedAtMs, newestMs, isOwn, count } = chunks[0]!;
  assert.deepEqual(
    { fetchedAtMs, newestMs, isOwn, count },
    { fetchedAtMs: 7, newestMs: -1, isOwn: true, count: 1 },
  );
});

test("LineChunks skips blank lines but counts them", () => {
  assert.deepEqual(linesOf("a\n\n  \t\nb\n"), [
    [0, "a"],
    [3, "b"],
  ]);
  assert.deepEqual(chunksOf({ texts: ["\n", " \r\n"] }), {
    chunks: [],
    nextLine: 2,
  });
});

test("LineChunks strips a CR before the LF, and only that one", () => {
  assert.deepEqual(linesOf("a\r\nb\r\r\n\r\nc"), [
    [0, "a"],
    [1, "b\r"],
    [3, "c"],
  ]);
});

test("LineChunks gives a last line without a line feed", () => {
  assert.deepEqual(linesOf("a\nb"), [
    [0, "a"],
    [1, "b"],
  ]);
});

test("LineChunks leaves out lines before the first wanted one", () => {
  const { chunks } = chunksOf({ texts: ["a\n", "b\n\nc\nd\n"], firstLine: 3 });
  assert.deepEqual(recordsOf(chunks), [
    [3, "c"],
    [4, "d"],
  ]);
});

test("LineChunks gives a line that was cut as it is, also a blank one", () => {
  const given = { texts: ["   \r", "x\ny"], lostBytes: 5 };
  const { chunks, nextLine } = chunksOf(given);
  assert.deepEqual(recordsOf(chunks), [
    [0, "   \r"],
    [1, "x\ny"],
  ]);
  assert.equal(nextLine, 2);
});

test("LineChunks gives what is at hand as one chunk, up to a size", () => {
  const line = `${"x".repeat(470)}\n`;
  const { chunks } = chunksOf({ texts: [line, line.repeat(2200)] });
  assert.deepEqual(
    chunks.map(({ count }) => count),
    [1, 2200],
  );
  const short = chunksOf({ texts: ["x\n".repeat(1 << 19)] }).chunks;
  assert.ok(short.length > 2);
  for (const { byteLength } of short) assert.ok(byteLength <= 1280 << 10);
});

test("LineChunks gives what a plain split gives, however long lines are", () => {
  // Many lines are packed together, within 128 KiB.
  const length = fc.oneof(
    { weight: 20, arbitrary: fc.nat(40) },
    { weight: 5, arbitrary: fc.nat(9000) },
    { weight: 1, arbitrary: fc.integer({ min: 131_060, max: 131_080 }) },
  );
  const line = fc.tuple(fc.constantFrom("x", " ", "\r", "\t"), length);
  const lines = fc.array(line, { size: "large" });
  const given = fc.record({
    lines,
    end: fc.constantFrom("\n", "\r\n"),
    isEnded: fc.boolean(),
    roundRecords: fc.constantFrom(null, 3, 100),
    isRead: fc.boolean(),
  });
  fc.assert(
    fc.property(given, ({ lines, end, isEnded, roundRecords, isRead }) => {
      const all = lines.map(([text, count]) => text.repeat(count)).join(end);
      const text = (isEnded ? all + end : all).slice(0, 1 << 20);
      const { chunks } = chunksOf({ texts: [text], roundRecords, isRead });
      const expected = text
        .split("\n")
        .map((each, i): [number, string] => [i, each.replace(/\r$/, "")])
        .filter(([, each]) => !/^[ \t]*$/.test(each));
      assert.deepEqual(recordsOf(chunks), expected);
      for (const { count, firstOffset, endOffset } of chunks) {
        assert.ok(count <= endOffset - firstOffset);
      }
    }),
    { numRuns: 60 },
  );
});

test("LineChunks packs a full read, and leaves the next one as it is", () => {
  // Of all lengths, so that records end anywhere near the end of their room.
  for (const shortest of [1, 2, 3, 5, 8, 13, 21]) {
    const lines: string[] = [];
    for (
      let bytes = 0;
      bytes < (1 << 20) - 500;
      bytes += lines.at(-1)!.length
    ) {
      lines.push(
        `${lines.length}:`.padEnd(shortest + (lines.length % 97), "x"),
      );
      bytes++;
    }
    const texts = [`${lines.join("\n")}\n`];
    const { chunks } = chunksOf({ texts, isRead: true });
    const records = recordsOf(chunks);
    assert.equal(records.length, lines.length);
    for (const [offset, text] of records) assert.equal(text, lines[offset]);
  }
});

test("LineChunks cuts at each multiple of the records of a round, wherever reads end", () => {
  const line = fc.constantFrom("a\n", "bc\n", "\n", " \r\n", "d\r\n");
  const texts = fc.array(
    fc.array(line, { maxLength: 9 }).map((lines) => lines.join("")),
  );
  const given = fc.record({
    texts,
    roundRecords: fc.integer({ min: 1, max: 7 }),
  });
  fc.assert(
    fc.property(given, ({ texts, roundRecords }) => {
      const { chunks } = chunksOf({ texts, roundRecords });
      const whole = chunksOf({ texts: [texts.join("")] }).chunks;
      assert.deepEqual(recordsOf(chunks), recordsOf(whole));
      let before = 0;
      for (const { count } of chunks) {
        const round = Math.floor(before / roundRecords);
        before += count;
        assert.equal(Math.floor((before - 1) / roundRecords), round);
      }
    }),
  );
});
