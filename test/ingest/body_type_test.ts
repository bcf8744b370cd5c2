import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyTypeOf, formOf } from "../../src/ingest/body_type.ts";

test("formOf() goes by the type, and by the bracket where that leaves it open", () => {
  const form = (text: string, type: string) =>
    formOf(Buffer.from(text), bodyTypeOf(type, true)!);
  assert.equal(form(" \n[", "application/json"), "array");
  assert.equal(form("{", "application/json"), "visit");
  assert.equal(form("", "application/json"), "visit");
  assert.equal(form("[", "text/plain;charset=UTF-8"), "array");
  assert.equal(form("{", "text/plain"), "lines");
  for (const type of ["x-ndjson", "ndjson", "jsonl"]) {
    assert.equal(form("[", `application/${type}`), "lines");
    assert.equal(form("{", `Application/${type} ; a=b`), "lines");
  }
});

test("bodyTypeOf() takes text only where pages may send it", () => {
  assert.equal(bodyTypeOf("text/plain", true), "text");
  assert.equal(bodyTypeOf("text/plain", false), null);
  assert.equal(bodyTypeOf("application/jsonx", true), null);
  assert.equal(bodyTypeOf(undefined, true), null);
});
