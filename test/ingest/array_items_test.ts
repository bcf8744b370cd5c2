import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ArrayItems } from "../../src/ingest/array_items.ts";
import { JSON_RECORD } from "../support/json_record_arbitrary.ts";

const SPACE = fc.constantFrom("", "", " ", "\n", "\t\r\n ");

function itemsOf(text: string, countMax = 10_000): string[] | null {
  const items = new ArrayItems(countMax);
  const body = Buffer.from(text);
  if (!items.read(body)) return null;
  return Array.from({ length: items.count }, (_, index) =>
    body.toString("utf8", items.starts[index]!, items.ends[index]!),
  );
}

test("ArrayItems finds the items of any array as they stand", () => {
  const item = fc.tuple(SPACE, JSON_RECORD, SPACE);
  const property = fc.property(fc.array(item), SPACE, (items, space) => {
    const joined = items.map((parts) => parts.join("")).join(",");
    assert.deepEqual(
      itemsOf(`${space}[${joined}]${space}`),
      items.map(([, text]) => text.trim()),
    );
  });
  fc.assert(property, { numRuns: 2_000 });
});

test("ArrayItems takes no array that is cut anywhere, or goes on behind", () => {
  const whole = '[{"a":"]\\",[","b":[1,{}]} , {"c":"\\\\"},3]';
  assert.equal(itemsOf(whole)?.length, 3);
  for (let length = 0; length < whole.length; length++) {
    assert.equal(itemsOf(whole.slice(0, length)), null, `${length}`);
  }
  for (const text of [`${whole}x`, `${whole},`, `${whole}]`, "{}", "", " "]) {
    assert.equal(itemsOf(text), null, text);
  }
});

test("ArrayItems leaves it to others whether an item is JSON", () => {
  assert.deepEqual(itemsOf("[]"), []);
  assert.deepEqual(itemsOf("[ \n]"), []);
  assert.deepEqual(itemsOf("[,]"), ["", ""]);
  assert.deepEqual(itemsOf("[1,]"), ["1", ""]);
  assert.deepEqual(itemsOf('[{"a":[1}, x ]'), null);
  assert.deepEqual(itemsOf('[{"a":[1}] , x ]'), ['{"a":[1}]', "x"]);
});

test("ArrayItems has room for many items", () => {
  const items = Array.from({ length: 10_000 }, (_, index) => String(index));
  assert.deepEqual(itemsOf(`[${items}]`), items);
  assert.equal(itemsOf(`[${items}]`, 9_998), null);
});
