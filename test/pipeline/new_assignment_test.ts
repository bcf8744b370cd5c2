import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, WALL_CLOCK } from "../../src/clock.ts";
import { Pipeline } from "../../src/pipeline/pipeline.ts";
import type { Source, SourceEvent } from "../../src/source/source.ts";
import { listBatch } from "../support/list_batch.ts";
import { fakeRun, SETTINGS, SILENT_LOG } from "./fake_parts.ts";

/** A clock on which nothing is ever done by and by. */
const NO_TICKS: Clock = { ...WALL_CLOCK, every: () => () => {} };

/** One visit of a partition that is read anew at once, as is the end of all. */
class RestartingSource implements Source {
  readonly topic = "visits";
  readonly partitionCount = 1;
  readonly goneRecords = 0;
  /** There is always more, as in a backlog. */
  readonly isReady = true;

  async open(): Promise<void> {}

  async *events(): AsyncIterable<SourceEvent> {
    for (let round = 0; round < 2; round++) {
      const again = { partitions: [0], restarted: [0], topicId: null };
      yield { kind: "assigned", ...again };
      const visit = { visit_id: "a", event_time: "2024-06-01T00:00:00Z" };
      const place = { partition: 0, baseOffset: 0 };
      const batch = listBatch([JSON.stringify(visit)], place);
      yield { kind: "records", batch };
    }
    yield { kind: "finished", partition: 0 };
  }

  begin(): void {}

  partitions(): [] {
    return [];
  }

  stop(): void {}

  async close(): Promise<void> {}
}

test("Pipeline waits for no tick when an assignment takes windows", async () => {
  const source = new RestartingSource();
  const { parts, written } = fakeRun(0);
  const pipeline = new Pipeline(SETTINGS, {
    ...parts,
    source,
    clock: NO_TICKS,
  });
  const summary = await pipeline.run({
    signal: new AbortController().signal,
    log: SILENT_LOG,
  });
  assert.equal(summary.dropped, 1);
  assert.equal(written.length, 1);
});
