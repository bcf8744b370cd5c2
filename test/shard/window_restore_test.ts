import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeMark } from "../../src/checkpoint/mark.ts";
import { WindowRestore } from "../../src/shard/window_restore.ts";
import { MARK } from "../checkpoint/marks.ts";
import { placedChunk } from "../support/built_chunk.ts";
import { LoggedStore } from "../support/logged_store.ts";

const UNKNOWN =
  "is no record of a window log that this version knows; another program has " +
  "written it, or a newer version, which reads it";

/** What is said of a log whose second batch, from 20 on, has this at 21. */
function refusalOf(value: Buffer): string {
  const mark = encodeMark(MARK);
  const batches = [
    { baseOffset: 10, records: [{ key: null, value: mark }] },
    {
      baseOffset: 20,
      records: [
        { key: null, value: mark },
        { key: null, value },
      ],
    },
  ];
  const { store } = new LoggedStore();
  const restore = new WindowRestore(store, { shard: 0, shardCount: 1 });
  restore.begin();
  try {
    restore.take({ ...placedChunk(batches), topic: "windows" });
  } catch (error) {
    return (error as Error).message;
  }
  assert.fail("nothing was refused");
}

test("WindowRestore: what is no record of a window log is shown, with its place", () => {
  const cases: [Buffer, string][] = [
    [Buffer.from("hello"), '"hello"'],
    [Buffer.of(0x21, 1, 2, 3), "the bytes 21 01 02 03"],
    [Buffer.alloc(0), "a record without a value"],
  ];
  for (const [value, shown] of cases) {
    assert.equal(
      refusalOf(value),
      `Cannot read window log windows[0] at 21: ${shown} ${UNKNOWN}`,
    );
  }
});

test("WindowRestore: a log that is damaged is so in a batch", () => {
  assert.equal(
    // A put that ends before its front does.
    refusalOf(Buffer.of(0x11, 0)),
    "Cannot read window log windows[0] in the batch at 20: it is damaged, a " +
      "record does not fit to those before it",
  );
});
