import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_GENERATOR } from "../../src/config/generator_defaults.ts";
import { DueTimes } from "../../src/generate/due_times.ts";
import { RecordFrame } from "../../src/generate/record_frame.ts";
import { VisitGenerator } from "../../src/generate/visit_generator.ts";
import { DueClock } from "../../src/load/due_clock.ts";
import { murmur2, partitionOf } from "../../src/record/partitioner.ts";

const VISITS = 20_000;

/** A visit as a naive reader has it. */
interface Seen {
  readonly eventMs: number;
  readonly partition: number;
  readonly dueMs: number;
}

for (const partitionCount of [1, 3, 40]) {
  test(`DueClock says when ${partitionCount} partitions should all have reached a time`, () => {
    const { clock, seen } = fill(partitionCount);
    const firstMs = seen[0]!.eventMs;
    const lastMs = Math.max(...seen.map(({ eventMs }) => eventMs));
    assert.ok(new Date(firstMs).getUTCDate() !== new Date(lastMs).getUTCDate());
    const byPartition = Array.from({ length: partitionCount }, (_, partition) =>
      seen.filter((each) => each.partition === partition),
    );
    let known = 0;
    for (let at = firstMs; at <= lastMs + 10_000; at += 1000) {
      const dueMs = clock.dueAtMs(at);
      if (dueMs === null) continue;
      known++;
      assert.equal(dueMs, naiveDueMs(at, byPartition));
    }
    assert.ok(known > 500, `${known} times`);
    assert.equal(clock.dueAtMs(lastMs + 1), null);
    assert.equal(clock.dueAtMs(firstMs - 3_600_000), null);
  });
}

/** Two rates one after the other, as in a load, around a midnight. */
function fill(partitionCount: number): { clock: DueClock; seen: Seen[] } {
  const generator = new VisitGenerator({
    ...DEFAULT_GENERATOR,
    active: 1_000,
    startTimeMs: Date.UTC(2024, 1, 28, 23, 40),
  });
  const clock = new DueClock(partitionCount);
  const seen: Seen[] = [];
  const frame = new RecordFrame();
  for (const [rate, startMs, visits] of [
    [10_000, 1_000_000, VISITS / 2],
    [25_000, 2_000_000, VISITS],
  ] as const) {
    const dueTimes = new DueTimes(rate, startMs);
    const made = generator.counts.visits;
    while (!generator.isDone(visits)) {
      frame.clear();
      generator.fill(frame, { visits, records: 700 });
      const firstVisit = generator.counts.visits - made - frame.count;
      clock.take(frame, { dueTimes, firstVisit });
      seen.push(...seenIn(frame, { dueTimes, firstVisit, partitionCount }));
    }
  }
  return { clock, seen };
}

function seenIn(
  frame: RecordFrame,
  options: { dueTimes: DueTimes; firstVisit: number; partitionCount: number },
): Seen[] {
  const { dueTimes, firstVisit, partitionCount } = options;
  const lines = frame.bytes.toString("latin1", 0, frame.end - 1).split("\n");
  return lines.map((line, i) => {
    const { visit_id, event_time } = JSON.parse(line);
    const key = Buffer.from(visit_id);
    return {
      eventMs: Date.parse(event_time),
      partition: partitionOf(murmur2(key, 0, key.length), partitionCount),
      dueMs: dueTimes.dueAtMs(firstVisit + i),
    };
  });
}

function naiveDueMs(
  atMs: number,
  byPartition: readonly (readonly Seen[])[],
): number {
  const dues = byPartition.map((all) =>
    all.find(({ eventMs }) => eventMs >= atMs),
  );
  return Math.max(...dues.map((each) => each?.dueMs ?? Number.NaN));
}
