import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeMark,
  encodeMark,
  isOfOtherGroup,
  type Mark,
} from "../../src/checkpoint/mark.ts";
import {
  committerOf,
  decodeMetadata,
  encodeMetadata,
} from "../../src/checkpoint/offset_metadata.ts";
import { WorldError } from "../../src/errors.ts";
import { MARK } from "./marks.ts";

const PLACE = "the window log w[3] at 17";

test("Mark: what is written is read, -Infinity too", () => {
  const early: Mark = {
    ...MARK,
    topic: null,
    topicId: null,
    group: null,
    isAnew: true,
    watermarkMs: -Infinity,
    clockMs: -Infinity,
  };
  for (const mark of [MARK, early]) {
    assert.deepEqual(decodeMark(encodeMark(mark), PLACE), mark);
  }
});

test("Mark: one that does not say the name of its topic is read", () => {
  const { topic, ...older } = JSON.parse(encodeMark(MARK).toString());
  assert.equal(topic, "visits");
  const bytes = Buffer.from(JSON.stringify(older));
  assert.deepEqual(decodeMark(bytes, PLACE), { ...MARK, topic: null });
});

test("Mark: one that does not say its group may be of those that its writer is named after", () => {
  const { group, ...older } = JSON.parse(encodeMark(MARK).toString());
  assert.equal(group, "g");
  const mark = decodeMark(Buffer.from(JSON.stringify(older)), PLACE);
  assert.deepEqual(mark, { ...MARK, group: null });
  assert.equal(isOfOtherGroup(mark, "g"), false);
  for (const other of ["g2", "g-a", "h", "never-g"]) {
    assert.equal(isOfOtherGroup(mark, other), true, other);
  }
  // Where it says it, names that begin alike are told apart.
  const named = { ...MARK, group: "g-a", by: "g-a-1" };
  assert.equal(isOfOtherGroup(named, "g-a"), false);
  assert.equal(isOfOtherGroup(named, "g"), true);
});

test("Mark: the end of an input is in none", () => {
  assert.throws(() => encodeMark({ ...MARK, watermarkMs: Infinity }), /time/);
});

test("Mark: another version, and what is no mark, is refused by name", () => {
  const newer = encodeMark(MARK).toString().replace('"v":1', '"v":2');
  const cases: [string, RegExp][] = [
    [newer, /w\[3\] at 17: it is a mark of version 2.*newer/],
    ['{"v":1,"commit":1', /it is no mark, but damaged or of another program/],
    [
      '{"visit_id":"v","event_time":1}',
      /w\[3\] at 17: it is no mark, .*: "{"visit_id":"v","event_t…"$/,
    ],
    ['{"v":1,"commit":1}', /expected a mark with commit/],
    [encodeMark(MARK).toString().replace('"offset":42', '"offset":"x"'), /got/],
  ];
  for (const [text, expected] of cases) {
    assert.throws(
      () => decodeMark(Buffer.from(text), PLACE),
      (error) => error instanceof WorldError && expected.test(error.message),
    );
  }
});

const METADATA = { from: 7, end: 19, by: "g-a", commit: 4, log: "w" };

test("Offset metadata: what is written is read, without the log's name too", () => {
  const text = encodeMetadata(METADATA);
  assert.deepEqual(decodeMetadata(text), METADATA);
  const older = { ...METADATA, log: null };
  assert.deepEqual(decodeMetadata(encodeMetadata(older)), older);
  assert.doesNotMatch(encodeMetadata(older), /log/);
  assert.equal(committerOf(text), "g-a");
  assert.ok(text.length < 4096);
});

test("Offset metadata: that of others is none of ours", () => {
  for (const text of ["", "by hand", "{", '{"owner":"x"}', '{"by":"x"}']) {
    assert.equal(decodeMetadata(text), null);
  }
  assert.equal(committerOf(""), null);
});

test("Offset metadata: another version, or nonsense, is refused", () => {
  const newer = '{"v":2,"by":"g-b"}';
  assert.throws(() => decodeMetadata(newer), /version 2/);
  assert.equal(committerOf(newer), "g-b");
  const wrong = encodeMetadata({ ...METADATA, from: 20 });
  assert.throws(() => decodeMetadata(wrong), /expected metadata/);
});
