import assert from "node:assert/strict";
import { test } from "node:test";
import { WorldError } from "../../src/errors.ts";
import { writeVarint } from "../../src/record/varint.ts";
import { restoreFrom } from "../support/log_model.ts";
import { recordsOf } from "../support/log_record.ts";
import { LoggedStore } from "../support/logged_store.ts";
import { at, ORIGIN_MS } from "../support/small_windows.ts";

const ALONE = { shard: 0, shardCount: 1 };

/** A log with one record of this value. */
function recordWith(value: Buffer): Buffer {
  const bytes = Buffer.alloc(value.length + 30);
  const tail = Buffer.alloc(10);
  const lengthEnd = writeVarint(tail, 0, value.length);
  const body = Buffer.concat([
    Buffer.from([0, 0, 0, 1]),
    tail.subarray(0, lengthEnd),
    value,
    Buffer.from([0]),
  ]);
  const end = writeVarint(bytes, 0, body.length);
  body.copy(bytes, end);
  return bytes.subarray(0, end + body.length);
}

test("a record of a newer version is refused with a sentence", () => {
  for (const kind of [0x00, 0x10, 0x14, 0x21, 0xff]) {
    const { store } = new LoggedStore();
    const records = recordWith(Buffer.alloc(100, kind));
    assert.throws(
      () => store.restore(records, 1, ALONE),
      (error: unknown) =>
        error instanceof WorldError &&
        error.message.startsWith(
          `Cannot read window log: a record begins with the byte 0x${kind.toString(16).padStart(2, "0")}, which`,
        ),
    );
  }
});

test("a log that lacks something is refused, not believed", () => {
  const logged = new LoggedStore({ recordBytes: 200 });
  const { driver, log } = logged;
  const page = "p".repeat(500);
  driver.apply(Array.from({ length: 20 }, (_, offset) => at(offset, { page })));
  logged.commit();
  driver.apply([at(20, { offset: 20 })]);
  logged.commit();
  driver.apply([at(21, { offset: 21 })]);
  logged.commit();
  const refused = { name: "WorldError", message: /window log: it is damaged/ };
  // Without the second commit, the third counts one visit more than there are.
  const gap = log.batches.filter(({ commit }) => commit !== 2);
  assert.throws(() => restoreFrom(new LoggedStore().store, gap), refused);
  // Cut off amid a message.
  const { store } = new LoggedStore();
  const [first] = log.batches;
  const { recordBytes } = recordsOf(log.batches)[0]!;
  store.restore(first!.records.subarray(0, recordBytes), 1, ALONE);
  assert.throws(() => store.reassign(new Set(), 0), refused);
});

test("no damage to a log makes the store unsound", () => {
  const logged = new LoggedStore({ recordBytes: 200 });
  const { driver } = logged;
  driver.apply([
    at(0, { page: "p".repeat(300), userId: "u" }),
    at(1, { page: null, eventTime: "2024-06-01 00:00:00.001Z" }),
    at(12_000, { page: "x" }),
    at(-20_000, { visitId: "gone" }),
  ]);
  logged.commit();
  driver.advanceTo(ORIGIN_MS + 22_000);
  // Two that have fired become one, of which the log is told whole.
  driver.apply([at(5000, { offset: 4 })]);
  logged.commit();
  driver.apply([at(6000, { offset: 5, page: "q".repeat(300), userId: "v" })]);
  const kinds = logged.commitRecords().map(({ kind }) => kind);
  assert.deepEqual(kinds, ["grow", "grow"]);
  const { batches } = logged.log;
  const { store } = new LoggedStore();
  for (const [index, { records }] of batches.entries()) {
    for (let at = 0; at < records.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const damaged = Buffer.from(records);
        damaged[at]! ^= flip;
        const log = batches.with(index, {
          ...batches[index]!,
          records: damaged,
        });
        try {
          restoreFrom(store, log);
          store.reassign(new Set(), ORIGIN_MS);
        } catch (error) {
          assert.ok(error instanceof WorldError, String(error));
        }
        store.clear();
        store.reassign(new Set(), -Infinity);
      }
    }
  }
});
