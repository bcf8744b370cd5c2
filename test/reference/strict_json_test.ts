import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/generate/random.ts";
import { mutated, SAMPLE_RECORDS } from "../support/json_mutations.ts";
import { parseStrictJson } from "./strict_json.ts";

/** Whether a parser takes a text. */
function takes(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch (error) {
    assert.ok(error instanceof SyntaxError, text);
    return false;
  }
}

test("parseStrictJson() takes the texts that JSON.parse() takes", () => {
  const random = new Random(8259);
  let taken = 0;
  for (let i = 0; i < 50_000; i++) {
    const sample = SAMPLE_RECORDS[random.below(SAMPLE_RECORDS.length)]!;
    const text = mutated(random, sample).toString();
    const isTaken = takes(JSON.parse, text);
    assert.equal(takes(parseStrictJson, text), isTaken, text);
    if (isTaken) taken++;
  }
  assert.ok(taken > 5000, `${taken}`);
});

test("parseStrictJson() gives the last member of a name, and reads escapes", () => {
  const text =
    '{"a": [1, {"b": null}], "\\u0061": "\\ud83d\\ude00\\n\\/\\\\u0061"}';
  assert.deepEqual(
    parseStrictJson(text),
    new Map([["a", "\u{1f600}\n/\\u0061"]]),
  );
  const values = parseStrictJson("[-1.5e2, true, false, [], {}]");
  assert.deepEqual(values, [-150, true, false, [], new Map()]);
});
