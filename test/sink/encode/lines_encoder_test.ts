import assert from "node:assert/strict";
import { test } from "node:test";
import type { CloseReason } from "../../../src/kernel/host/session_names.ts";
import { LinesEncoder } from "../../../src/sink/encode/lines_encoder.ts";
import type { SessionEncoder } from "../../../src/sink/encode/session_encoder.ts";
import { firedSession } from "../../support/fired_session.ts";

const VALUE = Buffer.from('{"visit_id": "v"} and more that is not ours');
const VALUE_LENGTH = 17;

function linesEncoder(withMetadata: boolean): SessionEncoder {
  return new LinesEncoder({ withMetadata, withOrder: false });
}

function takeText(encoder: SessionEncoder): string {
  return encoder
    .take()
    .map(({ bytes }) => Buffer.from(bytes).toString())
    .join("");
}

test("LinesEncoder writes each value as it is, on a line", () => {
  const encoder = linesEncoder(false);
  encoder.add(VALUE, VALUE_LENGTH, firedSession("v"));
  encoder.add(VALUE, VALUE_LENGTH, firedSession("v"));
  assert.equal(encoder.byteLength, 2 * (VALUE_LENGTH + 1));
  const [chunk, ...others] = encoder.take();
  assert.deepEqual(others, []);
  assert.equal(chunk!.count, 2);
  const line = '{"visit_id": "v"}\n';
  assert.equal(Buffer.from(chunk!.bytes).toString(), line + line);
  assert.equal(encoder.byteLength, 0);
  assert.deepEqual(encoder.take(), []);
});

test("LinesEncoder adds the metadata as a last member", () => {
  const encoder = linesEncoder(true);
  const merged = firedSession("v", {
    idOffset: 7,
    revision: 3,
    final: true,
    closeReason: "end-of-input",
    supersedes: "0-3,0-4",
  });
  encoder.add(VALUE, VALUE_LENGTH, firedSession("v"));
  encoder.add(VALUE, VALUE_LENGTH, merged);
  assert.equal(
    takeText(encoder),
    '{"visit_id": "v", "metadata": {"session-id": "0-12", "revision": "0", ' +
      '"final": "false", "close-reason": "gap"}}\n' +
      '{"visit_id": "v", "metadata": {"session-id": "0-7", "revision": "3", ' +
      '"final": "true", "close-reason": "end-of-input", ' +
      '"supersedes": "0-3,0-4"}}\n',
  );
});

test("LinesEncoder names the topic that a session is of, where it has an id", () => {
  const encoder = linesEncoder(true);
  const sourceTopicId = "AbCdEfGhIjKlMnOpQrStUg";
  encoder.add(VALUE, VALUE_LENGTH, firedSession("v", { sourceTopicId }));
  const { metadata } = JSON.parse(takeText(encoder));
  assert.deepEqual(Object.entries(metadata).at(-1), [
    "source-topic-id",
    sourceTopicId,
  ]);
});

test("LinesEncoder grows for a session of many pages", () => {
  const encoder = linesEncoder(false);
  const large = Buffer.alloc(9_000_000, "x");
  for (let round = 0; round < 2; round++) {
    encoder.add(VALUE, VALUE_LENGTH, firedSession("v"));
    encoder.add(large, large.length, firedSession("v"));
    const text = takeText(encoder);
    assert.equal(text.length, VALUE_LENGTH + large.length + 2);
    assert.deepEqual(encoder.takeOversized(), []);
  }
});

test("LinesEncoder puts out no session with a reason that is none", () => {
  const encoder = linesEncoder(true);
  const closeReason = "boredom" as CloseReason;
  const unknown = firedSession("v", { closeReason });
  assert.throws(
    () => encoder.add(VALUE, VALUE_LENGTH, unknown),
    /^RangeError: Cannot encode session: close reason "boredom" is none of gap, late-update, /,
  );
  assert.equal(takeText(encoder), "");
});
