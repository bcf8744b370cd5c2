import assert from "node:assert/strict";
import { test } from "node:test";
import { WALL_CLOCK } from "../../src/clock.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import { hashKey, shardOf } from "../../src/kernel/host/key_hash.ts";
import type { Chunk } from "../../src/record/chunk.ts";
import { ACTIVE } from "../../src/watermark/partition_state.ts";
import { chunkOf } from "../support/built_chunk.ts";
import { localThreads } from "../support/local_threads.ts";
import type { BuiltBatch } from "../support/record_batch_builder.ts";
import { shardOptions } from "../support/shard_options.ts";

const LARGE_BYTES = 3 << 20;
const LIMITS = { inFlightLimitBytes: 1 << 20, outputLimitBytes: 64 << 20 };

/** A record that came back as a late visit or as a rejected record. */
interface Returned {
  readonly shard: number;
  readonly place: string;
  readonly visitId: string | null;
}

/**
 * Has every record come back whole from its shard: all visits are late. Returns
 * them in the order of each shard's reports.
 */
async function returnAll(
  chunks: readonly Chunk[],
  shardCount: number,
): Promise<Returned[]> {
  const returned: Returned[] = [];
  const kept = { keepLate: true, keepRejected: true };
  const options = Array.from({ length: shardCount }, (_, shard) =>
    shardOptions({ shard, shardCount, maxRecordBytes: 8 << 20, ...kept }),
  );
  const dispatcher = new Dispatcher(
    localThreads(options),
    {
      ...{ ...LIMITS, watermarks: "told", clock: WALL_CLOCK },
      ...{ topic: "visits", keepsRecords: true },
    },
    {
      async onReport(report) {
        for (const { partition, offset, key, value } of report.sides()) {
          const text = Buffer.from(value!).toString();
          const place = `${partition}-${offset} ${text.length} ${text.slice(0, 40)}`;
          const visitId = /"visit_id":"(\w+)"/.exec(text)?.[1] ?? null;
          assert.equal(Buffer.from(key!).toString(), "key");
          returned.push({ shard: report.shard, place, visitId });
        }
      },
      onFailure: assert.fail,
    },
  );
  dispatcher.setState(0, ACTIVE);
  dispatcher.tellWatermark(Date.UTC(2030, 0, 1));
  dispatcher.pump();
  await dispatcher.quiet();
  let dealt = 0;
  for (const chunk of chunks) {
    await dispatcher.capacity();
    dealt += chunk.count;
    dispatcher.dealer.deal(chunk);
  }
  dispatcher.pump();
  await dispatcher.quiet();
  assert.equal(returned.length, dealt);
  return returned;
}

function visit(id: string, size = 0): string {
  const event_time = "2024-06-01T00:00:00Z";
  return JSON.stringify({ visit_id: id, event_time, x: "x".repeat(size) });
}

/** A Kafka batch of visits, of which the last may be a large one. */
function batch(baseOffset: number, size = 0): BuiltBatch {
  const values = ["ann", "bob", "dan", "hal", "ida"].map((id) => visit(id));
  const records = [...values, "broken", visit("fay", size)].map((value) => ({
    key: "key",
    value,
  }));
  return { baseOffset, records };
}

/** Chunks as a fetch makes them, some of their batches wanted only in part. */
function chunks(released: string[] = []): Chunk[] {
  const packed = (baseOffset: number) =>
    ({ ...batch(baseOffset), compression: "gzip" }) as const;
  return [
    chunkOf([batch(0), batch(7)], {
      ...{ firstOffset: 3, partition: 0 },
      onFree: () => released.push("partly wanted"),
    }),
    chunkOf([batch(0), packed(7)], {
      partition: 1,
      onFree: () => released.push("packed"),
    }),
    // More than a task holds, in one batch and in one record.
    chunkOf([batch(14), batch(21, LARGE_BYTES), batch(28)], {
      partition: 0,
      onFree: () => released.push("large"),
    }),
    chunkOf([packed(14), batch(21)], {
      ...{ partition: 1, endOffset: 23 },
      onFree: () => released.push("bounded"),
    }),
  ];
}

test("the only shard gets all records, in their order", async () => {
  const returned = await returnAll(chunks(), 1);
  const offsets = (partition: number) =>
    returned
      .filter(({ place }) => place.startsWith(`${partition}-`))
      .map(({ place }) => Number(/-(\d+)/.exec(place)![1]));
  // Rejected records come before the late visits of the same stretch.
  const inOrder = (a: number, b: number) => a - b;
  assert.deepEqual(
    offsets(0).sort(inOrder),
    Array.from({ length: 32 }, (_, i) => 3 + i),
  );
  assert.deepEqual(
    offsets(1).sort(inOrder),
    Array.from({ length: 23 }, (_, i) => i),
  );
});

for (const shardCount of [2, 3, 8]) {
  test(`each of ${shardCount} shards gets its own records, whole, in their order`, async () => {
    const released: string[] = [];
    const one = await returnAll(chunks(), 1);
    const many = await returnAll(chunks(released), shardCount);
    const places = (returned: Returned[]) => returned.map((each) => each.place);
    assert.deepEqual(places(many).sort(), places(one).sort());
    for (const { shard, visitId } of many) {
      if (visitId === null) {
        assert.equal(shard, 0);
        continue;
      }
      const key = Buffer.from(visitId);
      assert.equal(shardOf(hashKey(key, 0, key.length), shardCount), shard);
    }
    for (let shard = 0; shard < shardCount; shard++) {
      const isOwn = (each: Returned) => each.shard === shard && each.visitId;
      const own = places(many.filter(isOwn));
      const expected = places(one.filter((each) => own.includes(each.place)));
      assert.deepEqual(own, expected);
    }
    assert.deepEqual(released.sort(), [
      "bounded",
      "large",
      "packed",
      "partly wanted",
    ]);
  });
}
