import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { WALL_CLOCK } from "../../src/clock.ts";
import type { PassedBarrier } from "../../src/fleet/barriers.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import type { ShardReport } from "../../src/fleet/shard_report.ts";
import { Tally } from "../../src/pipeline/tally.ts";
import { HEADER_BYTES } from "../../src/record/batch_header_reader.ts";
import { shardOptions as optionsOf } from "../../src/shard/shard_options.ts";
import { ACTIVE, FINISHED } from "../../src/watermark/partition_state.ts";
import { counterOf } from "../../src/wire/counters.ts";
import { listChunk } from "../support/list_chunk.ts";
import { notingShard, readNotes } from "../support/noting_store.ts";
import { ScrambledShards } from "../support/scrambled_shards.ts";
import { shardOptions } from "../support/shard_options.ts";

/** So little that outputs are full all the time. */
const OUTPUT_BYTES = 64 * 1024;
const IN_FLIGHT_BYTES = 256 * 1024;
const START_MS = Date.parse("2024-06-01T00:00:00Z");
const PARTITIONS = 3;
/** Turns of the event loop after which nothing comes any more. */
const TURNS_MAX = 20_000;

const EVENTS = fc.array(
  fc.record({
    kind: fc.constantFrom("records", "records", "records", "barrier"),
    partition: fc.nat(PARTITIONS - 1),
    /** Minutes since the start; they jump to and fro, so some are late. */
    minute: fc.nat(3000),
    count: fc.integer({ min: 1, max: 12 }),
    pageBytes: fc.constantFrom(10, 1000, 6000),
    waits: fc.boolean(),
    turns: fc.nat(6),
  }),
  { minLength: 5, maxLength: 40 },
);

/** What the reports of all shards up to a barrier have said. */
class Side {
  readonly logged: string[] = [];
  visits = 0;

  add(report: ShardReport): void {
    this.visits += counterOf(report.envelope, "visits");
    for (const { bytes, count, partition } of report.deltas()) {
      const records = Buffer.from(bytes).subarray(HEADER_BYTES);
      for (const note of readNotes(records, count)) {
        assert.equal(note.partition, partition);
        this.logged.push(`${partition}-${note.offset}`);
      }
    }
  }
}

/** A fleet under test, with outputs that wait for barriers as transactions do. */
class BarrierRun {
  readonly dispatcher: Dispatcher;
  readonly tally = new Tally();
  readonly failures: unknown[] = [];
  /** By partition: what was dealt, and the highest event time of it. */
  readonly dealt: string[] = [];
  readonly clocksMs = new Float64Array(PARTITIONS).fill(-Infinity);
  /** By shard: how many barriers it has passed. */
  readonly #passed: number[];
  /** By barrier: what is before it, and behind the one before. */
  readonly sides: Side[] = [new Side()];
  readonly passed: { commit: number; passed: PassedBarrier }[] = [];
  /** Outputs that wait until so many barriers are passed by all. */
  readonly #held: { until: number; release: () => void }[] = [];

  constructor(workers: number, seed: number) {
    const fleet = { workers, outputLimitBytes: OUTPUT_BYTES };
    this.#passed = new Array<number>(workers).fill(0);
    const shards = new ScrambledShards(optionsOf(fleet, shardOptions()), seed, {
      create: (options) => notingShard(options).shard,
    });
    this.dispatcher = new Dispatcher(
      shards,
      {
        sharedRecordsMax: seed % 2 === 0 ? 0 : 1000,
        inFlightLimitBytes: IN_FLIGHT_BYTES,
        outputLimitBytes: OUTPUT_BYTES,
        watermarks: "merged",
        ...{ topic: "visits", keepsRecords: false },
        clock: WALL_CLOCK,
      },
      {
        onReport: (report) => this.#take(report),
        onBarrier: (commit, passed) => {
          this.passed.push({ commit, passed });
          const done = this.passed.length;
          const due = this.#held.filter(({ until }) => until <= done);
          for (const each of due) {
            this.#held.splice(this.#held.indexOf(each), 1);
            setImmediate(each.release);
          }
        },
        onFailure: (error) => this.failures.push(error),
      },
    );
    for (let p = 0; p < PARTITIONS; p++) this.dispatcher.setState(p, ACTIVE);
  }

  /** What is behind a barrier waits for all shards to pass it. */
  async #take(report: ShardReport): Promise<void> {
    const { shard } = report;
    const side = this.#passed[shard]!;
    this.sides[side]!.add(report);
    this.tally.add(shard, report.envelope);
    for (const { kind } of report.answers) {
      if (kind !== "barrier") continue;
      this.#passed[shard]!++;
      this.sides[side + 1] ??= new Side();
    }
    await nextTurn();
    if (side <= this.passed.length) return;
    await new Promise<void>((release) => {
      this.#held.push({ until: side, release });
    });
  }

  deal(
    event: { partition: number; minute: number; count: number },
    page: string,
  ) {
    const { partition, minute, count } = event;
    const baseOffset = this.dealt.length;
    const timeMs = START_MS + minute * 60_000;
    const event_time = new Date(timeMs).toISOString();
    const values = Array.from({ length: count }, (_, i) => {
      this.dealt.push(`${partition}-${baseOffset + i}`);
      const visit_id = `visitor ${(baseOffset + i) % 17}`;
      return JSON.stringify({ visit_id, event_time, page });
    });
    this.clocksMs[partition] = Math.max(this.clocksMs[partition]!, timeMs);
    this.dispatcher.dealer.deal(listChunk(values, { partition, baseOffset }));
  }

  /** A barrier behind all that was dealt; checks what came before it. */
  async barrier(commit: number): Promise<void> {
    let cutMs = NaN;
    const dealt = this.dealt.length;
    const clocksMs = this.clocksMs.slice();
    this.dispatcher.dealer.behind(() => {
      cutMs = this.dispatcher.watermarkMs;
      this.dispatcher.barrier(commit, { renewals: [] });
    });
    const nth = this.passed.length + 1;
    await this.until(() => this.passed.length === nth);
    const last = this.passed.at(-1)!;
    assert.equal(last.commit, commit);
    assert.equal(last.passed.watermarkMs, cutMs);
    const heard = Array.from(clocksMs, (ms, partition) => ({ partition, ms }));
    for (const { partition, ms } of heard) {
      assert.equal(last.passed.clocksMs[partition] ?? -Infinity, ms);
    }
    const workers = this.#passed.length;
    assert.deepEqual(last.passed.logs, [
      { partition: 0, oldestCommit: commit, liveBytes: 7 * workers },
    ]);
    const before = this.sides.slice(0, nth);
    const logged = before.flatMap((side) => side.logged);
    assert.deepEqual(logged.toSorted(), this.dealt.slice(0, dealt).toSorted());
    assert.equal(
      before.reduce((sum, { visits }) => sum + visits, 0),
      dealt,
    );
  }

  /** Takes turns until something is so; fails when it never is. */
  async until(isSo: () => boolean): Promise<void> {
    for (let turns = 0; !isSo(); turns++) {
      if (this.failures.length > 0) throw this.failures[0];
      assert.ok(turns < TURNS_MAX, "nothing happens any more");
      await nextTurn();
    }
  }
}

test("a barrier has all that was dealt before it on the one side, and no more", async () => {
  await fc.assert(
    fc.asyncProperty(
      EVENTS,
      fc.integer({ min: 1, max: 4 }),
      fc.integer(),
      async (events, workers, seed) => {
        const run = new BarrierRun(workers, seed);
        const { dispatcher } = run;
        let commit = 0;
        let barrier = Promise.resolve();
        let isOpen = false;
        for (const event of events) {
          if (event.kind === "records") {
            run.deal(event, "p".repeat(event.pageBytes));
          } else if (!isOpen) {
            isOpen = true;
            commit += 1 + event.turns;
            barrier = run.barrier(commit).finally(() => {
              isOpen = false;
            });
            // It is waited for below, where others are done first.
            barrier.catch(() => {});
          }
          dispatcher.expectRecords(event.waits);
          dispatcher.pump();
          for (let i = 0; i < event.turns; i++) await nextTurn();
        }
        await barrier;
        await run.barrier(commit + 1);
        for (let p = 0; p < PARTITIONS; p++) dispatcher.setState(p, FINISHED);
        dispatcher.expectRecords(false);
        dispatcher.pump();
        let isQuiet = false;
        dispatcher.quiet().then(() => {
          isQuiet = true;
        }, assert.fail);
        await run.until(() => isQuiet);
        run.tally.assertConservation(run.dealt.length);
        assert.deepEqual(run.sides.at(-1)!.logged, []);
      },
    ),
    { numRuns: 150, timeout: 15_000, interruptAfterTimeLimit: 60_000 },
  );
});
