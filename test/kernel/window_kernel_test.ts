import assert from "node:assert/strict";
import { test } from "node:test";
import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { ChunkReader } from "../../src/window/chunk_reader.ts";
import { placedValues } from "../support/built_chunk.ts";
import { CollectingOutput } from "../support/collecting_output.ts";
import { LendingStore } from "../support/lending_store.ts";
import { at, createStore, ORIGIN_MS } from "../support/small_windows.ts";
import { StoreDriver } from "../support/store_driver.ts";
import { VerifiedStore } from "../support/verified_store.ts";
import { buildColumns } from "../support/visit_columns_builder.ts";
import { CROWD_WINDOW, driveCrowd } from "../support/visit_crowd.ts";

const MEGA = 1024 * 1024;

test("when all sessions are gone, no memory of theirs is in use", () => {
  const store = new VerifiedStore(CROWD_WINDOW);
  const { calls } = store.kernel;
  const first = new StoreDriver(store);
  driveCrowd(first);
  assert.ok(first.firings.length > 5000);
  const used = calls.slabsUsed();
  // The room for texts, for the times of pages, the table and the spill.
  assert.ok(used <= 10, String(used));
});

test("windows go on as they were when their memory moves", () => {
  const expected = new StoreDriver(new LendingStore(CROWD_WINDOW));
  driveCrowd(expected);
  const store = new VerifiedStore(CROWD_WINDOW);
  const moved = new StoreDriver(store);
  let moves = 0;
  driveCrowd(moved, () => {
    store.kernel.giveBack();
    store.verify();
    assert.equal(store.kernel.calls.slabsSpare(), 0);
    moves++;
  });
  assert.ok(moves > 50);
  assert.deepEqual(moved.firings, expected.firings);
  assert.deepEqual(moved.lateOffsets, expected.lateOffsets);
});

test("free memory goes back when it is much and most", () => {
  const store = createStore();
  const atOnce = 10_000;
  for (let first = 0; first < 100_000; first += atOnce) {
    const visits = Array.from({ length: atOnce }, (_, i) =>
      at(1, { visitId: `v${first + i}` }),
    );
    store.applyVisits(buildColumns(visits), 0, new CollectingOutput());
  }
  assert.ok(store.bytesHeld > 30 * MEGA, String(store.bytesHeld));
  const out = new CollectingOutput();
  while (!store.advanceTo(Infinity, out)) {}
  assert.equal(out.firings.length, 100_000);
  assert.ok(store.bytesHeld < 8 * MEGA, String(store.bytesHeld));
});

test("one very large session is written, and its room given back", () => {
  const store = new VerifiedStore({ gapMs: 1000, allowedLatenessMs: 0 });
  const driver = new StoreDriver(store);
  const pages = 50_000;
  driver.apply(
    // Nearly in order: every thousandth comes some pages too late.
    Array.from({ length: pages }, (_, i) =>
      at(i % 1000 === 0 ? Math.max(0, i - 7) : i, { page: `p${i}` }),
    ),
  );
  driver.advanceTo(Infinity);
  const session = JSON.parse(driver.firings[0]!.value);
  const times = session.visited_pages[0].map(
    (it: { event_time: string }) => it.event_time,
  );
  assert.equal(times.length, pages);
  assert.deepEqual(times, times.toSorted());
  driver.apply([]);
  assert.ok(store.kernel.calls.slabsUsed() <= 10);
});

test("a shard that gets no more memory says so", () => {
  const store = createStoreWithin(4 * MEGA);
  const visits = Array.from({ length: 1000 }, (_, i) =>
    at(1, { visitId: `v${i}`, page: "x".repeat(20_000) }),
  );
  const reason =
    /^Error: Cannot go on with the windows: a shard has no more memory for windows; .* use more --workers/;
  const out = new CollectingOutput();
  assert.throws(() => store.applyVisits(buildColumns(visits), 0, out), reason);
  // It stopped amid a visit, so nothing that it holds may be put out.
  assert.throws(() => store.applyVisits(buildColumns([]), 0, out), reason);
  assert.throws(() => store.advanceTo(Infinity, out), reason);
  assert.throws(() => store.reassign(new Set([0]), 0), reason);
  assert.deepEqual(out.firings, []);
});

test("users that outgrow their place leave nothing behind", () => {
  const store = new VerifiedStore({ gapMs: 1000, allowedLatenessMs: 0 });
  const driver = new StoreDriver(store);
  for (let round = 0; round < 10; round++) {
    // The key fills the session's block, so another block stands right behind.
    const keys = Array.from({ length: 2000 }, (_, i) =>
      `${round}-${i}-`.padEnd(32, "k"),
    );
    const ms = round * 10_000;
    const userId = "u".repeat(100);
    driver.apply(
      keys.flatMap((visitId) => [
        at(ms, { visitId, userId: null }),
        at(ms + 1, { visitId, userId }),
      ]),
    );
    driver.advanceTo(ORIGIN_MS + ms + 5000);
  }
  assert.equal(store.openSessions, 0);
  const used = store.kernel.calls.slabsUsed();
  assert.ok(used <= 10, String(used));
});

test("a record that is too large for the kernel stays where it is", () => {
  const kernel = new WindowKernel();
  const reader = new ChunkReader(
    { timePrecision: "s", maxRecordBytes: 8 * MEGA, maxSkewMs: null },
    kernel,
  );
  const { value } = visitOf("x".repeat(200_000));
  reader.open(placedValues([value]), 0);
  assert.ok(reader.next());
  kernel.calls.spillRoom(64 * MEGA);
  kernel.renew();
  const { bytes, valueStart, valueLength } = reader.visits;
  const start = valueStart[0]!;
  assert.equal(bytes.toString("utf8", start, start + valueLength[0]!), value);
});

function visitOf(page: string): { value: string } {
  const event_time = "2024-06-01T00:00:00Z";
  return { value: JSON.stringify({ visit_id: "a", event_time, page }) };
}

/** A store on a system that gives so many bytes and no more. */
function createStoreWithin(byteLength: number): LendingStore {
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { Memory: new (size: object) => object };
  };
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(size: object) {
      super({ ...size, maximum: byteLength / 65_536 });
    }
  };
  try {
    return new LendingStore(CROWD_WINDOW);
  } finally {
    WebAssembly.Memory = Memory;
  }
}
