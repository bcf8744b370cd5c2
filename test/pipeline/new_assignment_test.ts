import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, WALL_CLOCK } from "../../src/clock.ts";
import { Pipeline } from "../../src/pipeline/pipeline.ts";
import type { Source, SourceEvent } from "../../src/source/source.ts";
import { listChunk } from "../support/list_chunk.ts";
import { fakeRun, SETTINGS, SILENT_LOG } from "./fake_parts.ts";

/** A clock on which nothing is ever done by and by. */
const NO_TICKS: Clock = { ...WALL_CLOCK, every: () => () => {} };

/** A source that tells what it is given, and takes note of `begin`. */
class ToldSource implements Source {
  readonly topic = "visits";
  readonly partitionCount = 2;
  readonly goneRecords = 0;
  /** There is always more, as in a backlog. */
  readonly isReady = true;
  readonly begun: number[] = [];
  readonly #events: readonly SourceEvent[];

  constructor(events: readonly SourceEvent[]) {
    this.#events = events;
  }

  async open(): Promise<void> {}

  async *events(): AsyncIterable<SourceEvent> {
    yield* this.#events;
  }

  begin(partition: number): void {
    this.begun.push(partition);
  }

  partitions(): [] {
    return [];
  }

  stop(): void {}

  async close(): Promise<void> {}
}

function assigned(partitions: number[], restarted: number[]): SourceEvent {
  return { kind: "assigned", partitions, restarted, topicId: null, seat: null };
}

function visit(partition: number, visitId: string, day: number): SourceEvent {
  const eventTime = `2024-06-0${day}T00:00:00Z`;
  const json = JSON.stringify({ visit_id: visitId, event_time: eventTime });
  const chunk = listChunk([json], { partition, baseOffset: day });
  return { kind: "records", chunk };
}

async function run(source: Source) {
  const { parts, written } = fakeRun(0);
  const clock = NO_TICKS;
  const pipeline = new Pipeline(SETTINGS, { ...parts, source, clock });
  const { signal } = new AbortController();
  const summary = await pipeline.run({ signal, log: SILENT_LOG });
  return { summary, written };
}

test("Pipeline waits for no tick when an assignment takes windows", async () => {
  const round = () => [assigned([0], [0]), visit(0, "a", 1)];
  const finished = { kind: "finished", partition: 0 } as const;
  const source = new ToldSource([...round(), ...round(), finished]);
  const { summary, written } = await run(source);
  assert.equal(summary.dropped, 1);
  assert.equal(written.length, 1);
});

test("Pipeline reads all anew when visits of a partition that goes were in sessions of another", async () => {
  const source = new ToldSource([
    assigned([0, 1], [0, 1]),
    visit(0, "a", 1),
    visit(1, "a", 1),
    // The session of both is out and gone. The next owner of partition 0 puts
    // out one of its id again, without the visit of partition 1.
    visit(0, "b", 5),
    visit(1, "c", 5),
    assigned([1], []),
  ]);
  const { summary } = await run(source);
  assert.equal(summary.sessions, 1);
  assert.deepEqual(source.begun, [0, 1, 1]);
});
