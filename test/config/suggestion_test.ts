import assert from "node:assert/strict";
import { test } from "node:test";
import { suggestionFor, withSuggestion } from "../../src/config/suggestion.ts";

const WORDS = ["gap", "workers", "out-of-orderness"];

test("suggestionFor() finds the nearest word", () => {
  assert.equal(suggestionFor("gab", WORDS), "gap");
  assert.equal(suggestionFor("gpa", WORDS), "gap", "two letters swapped");
  assert.equal(suggestionFor("worker", WORDS), "workers");
  assert.equal(suggestionFor("OUT_OF_ORDERNESS", WORDS), "out-of-orderness");
});

test("suggestionFor() gives nothing when no word is near", () => {
  assert.equal(suggestionFor("colour", WORDS), undefined);
  assert.equal(suggestionFor("", WORDS), undefined);
});

test("withSuggestion() appends the word or leaves the message", () => {
  const near = { word: "gapp", candidates: WORDS };
  assert.equal(withSuggestion("no", near), 'no, did you mean "gap"');
  const far = { word: "colour", candidates: WORDS };
  assert.equal(withSuggestion("no", far), "no");
});
