import assert from "node:assert/strict";
import { test } from "node:test";
import { mayNameVisitId } from "../../src/route/visit_id_mention.ts";
import {
  KEY_WORDS,
  visitIdSpellings,
} from "../../src/route/visit_id_spellings.ts";

test("visitIdSpellings() gives all that JSON.parse reads as visit_id", () => {
  const spellings = visitIdSpellings();
  assert.equal(new Set(spellings).size, 2 ** 7 * 3);
  for (const spelling of spellings) {
    assert.equal(JSON.parse(spelling), "visit_id");
  }
});

test("mayNameVisitId() notices every spelling at every place", () => {
  for (const spelling of visitIdSpellings()) {
    for (let before = 0; before < 12; before++) {
      for (const after of ["", "}", ':"value"}']) {
        const text = ".".repeat(before) + spelling + after;
        assert.equal(mayName(text), true, text);
      }
    }
  }
});

test("mayNameVisitId() lets other text pass, escapes and all", () => {
  const text =
    '"event_time": "2024-06-01T00:00:00Z", "user_id": "a\\/b\\n\\"", "x": "\\ud83d\\ude00"';
  for (let from = 0; from < text.length; from++) {
    assert.equal(mayName(text.slice(from)), false, text.slice(from));
  }
});

test("KEY_WORDS are few", () => {
  assert.ok(KEY_WORDS.size < 60, `there are ${KEY_WORDS.size}`);
});

function mayName(text: string): boolean {
  const bytes = Buffer.from(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return mayNameVisitId(view, 0, bytes.length);
}
