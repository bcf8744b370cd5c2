import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ReplaySegment } from "../../src/replay/replay_segment.ts";
import { walkChunk } from "../support/built_chunk.ts";
import { listChunk } from "../support/list_chunk.ts";

/** Visits as `offset text`, and watermarks, in the order in which they come. */
function play(segment: ReplaySegment, lines: readonly string[], from = 0) {
  const chunk = listChunk(lines, { partition: 0, baseOffset: from });
  const steps: (string | number)[] = [];
  segment.open({ ...chunk, fetchedAtMs: 77 });
  for (;;) {
    const visits = segment.visits();
    if (visits !== null) {
      assert.equal(visits.fetchedAtMs, 77);
      for (const { offset, value } of walkChunk(visits)) {
        steps.push(`${offset} ${value}`);
      }
      visits.release();
    }
    const watermarkMs = segment.takeWatermark();
    if (watermarkMs === null) break;
    steps.push(watermarkMs);
  }
  chunk.release();
  return steps;
}

test("ReplaySegment gives visits and watermarks in the order of the lines", () => {
  const line = fc.oneof(
    fc.constantFrom("a visit", '{"watermark": 5, "visit_id": "v"}', "x\\u"),
    fc.integer({ min: 0, max: 1e9 }),
  );
  const chunks = fc.array(fc.array(line, { minLength: 1, maxLength: 9 }));
  fc.assert(
    fc.property(chunks, (list) => {
      const segment = new ReplaySegment("file:x");
      let from = 0;
      for (const lines of list) {
        const texts = lines.map((each) =>
          typeof each === "string" ? each : `{"watermark": ${each}}`,
        );
        const expected = lines.map((each, index) =>
          typeof each === "string" ? `${from + index} ${each}` : each,
        );
        assert.deepEqual(play(segment, texts, from), expected);
        from += lines.length;
      }
    }),
  );
});

test("ReplaySegment takes a line of any size", () => {
  const large = "v".repeat(3 << 20);
  const lines = [large, '{"watermark": 7}', large, "small"];
  const steps = play(new ReplaySegment("file:x"), lines);
  assert.deepEqual(steps, [`0 ${large}`, 7, `2 ${large}`, "3 small"]);
});

test("ReplaySegment names the line of a control line that is none", () => {
  const segment = new ReplaySegment("file:x");
  assert.throws(() => play(segment, ["a", '{"watermark": true}'], 40), {
    name: "WorldError",
    message:
      "Cannot replay line 42: watermark must be an ISO 8601 time with an " +
      "offset or whole ms since the epoch, got true",
  });
});
