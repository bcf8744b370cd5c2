import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { WALL_CLOCK } from "../../src/clock.ts";
import type { PassedBarrier } from "../../src/fleet/barriers.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import type { ShardReport } from "../../src/fleet/shard_report.ts";
import { Tally } from "../../src/pipeline/tally.ts";
import { ACTIVE, FINISHED } from "../../src/watermark/partition_state.ts";
import type { Renewal } from "../../src/wire/orders.ts";
import { formOfLine, type SessionForm } from "../reference/last_forms.ts";
import { ARRIVALS_PARTITIONS, type ArrivedBatch } from "./arrivals.ts";
import { chunkOfBytes } from "./built_chunk.ts";
import { listChunk } from "./list_chunk.ts";

const PARTITIONS = Array.from({ length: ARRIVALS_PARTITIONS }, (_, p) => p);
/** Time after which nothing comes any more, ms. */
const WAIT_MS = 20_000;

/** A record batch of the window log, and the commit that brought it. */
interface LoggedBatch {
  readonly commit: number;
  readonly bytes: Buffer;
}

/** What Kafka has of a run: what its last commit has made valid. */
export class CommittedRun {
  commit = 0;
  /** The batch of the input that is read next. */
  nextBatch = 0;
  watermarkMs = -Infinity;
  readonly clocks = new Map<number, number>();
  readonly forms: SessionForm[] = [];
  /** By partition, from what its sessions need on. */
  readonly logs = new Map<number, LoggedBatch[]>();

  /** Makes valid what is before a barrier. */
  take(
    at: { readonly commit: number; readonly nextBatch: number },
    passed: PassedBarrier,
    parts: readonly PutOut[],
  ): void {
    const { commit, nextBatch } = at;
    this.commit = commit;
    this.nextBatch = nextBatch;
    this.watermarkMs = passed.watermarkMs;
    for (const [partition, ms] of passed.clocksMs.entries()) {
      if (ms > -Infinity) this.clocks.set(partition, ms);
    }
    for (const { forms, deltas } of parts) {
      this.forms.push(...forms);
      for (const { partition, bytes } of deltas) {
        const log = this.logs.get(partition) ?? [];
        this.logs.set(partition, log);
        log.push({ commit, bytes });
      }
    }
    for (const [partition, log] of this.logs) {
      const state = passed.logs.find((each) => each.partition === partition);
      const oldest = state?.oldestCommit ?? commit + 1;
      assert.ok(oldest > 0);
      const kept = log.filter((each) => each.commit >= oldest);
      this.logs.set(partition, kept);
    }
  }
}

/** What a shard has put out between two barriers. */
interface PutOut {
  readonly forms: SessionForm[];
  readonly deltas: { readonly partition: number; readonly bytes: Buffer }[];
}

/** One life of a run: a dispatcher, which may go back to the last commit. */
export class DurableLife {
  readonly dispatcher: Dispatcher;
  readonly #committed: CommittedRun;
  readonly #batches: readonly ArrivedBatch[];
  readonly #tally = new Tally();
  readonly #failures: unknown[] = [];
  /** By shard: what no barrier is behind yet. */
  #open: PutOut[];
  /** By shard: what is before the open barrier. */
  #closed: (PutOut | undefined)[] = [];
  /** By shard: what it puts out is void, for it is of before a clear. */
  readonly #isVoid: boolean[];
  #isDead = false;
  #nextBatch = 0;
  #routed = 0;
  /** Where the open barrier is. */
  #barrier: { commit: number; nextBatch: number } | null = null;

  constructor(
    shards: ShardRunner,
    committed: CommittedRun,
    batches: readonly ArrivedBatch[],
  ) {
    this.#committed = committed;
    this.#batches = batches;
    this.#open = Array.from({ length: shards.size }, nothingPutOut);
    this.#isVoid = new Array<boolean>(shards.size).fill(false);
    this.dispatcher = new Dispatcher(
      shards,
      {
        // Some chunks are small, others are not.
        sharedRecordsMax: 4,
        inFlightLimitBytes: 1 << 20,
        outputLimitBytes: 16 * 1024,
        watermarks: "merged",
        ...{ topic: "visits", keepsRecords: true },
        clock: WALL_CLOCK,
      },
      {
        onReport: (report) => this.#take(report),
        onBarrier: (commit, passed) => this.#pass(commit, passed),
        onFailure: (error) => this.#failures.push(error),
      },
    );
  }

  get isAtEnd(): boolean {
    return this.#nextBatch >= this.#batches.length;
  }

  get isBarrierOpen(): boolean {
    return this.#barrier !== null;
  }

  async #take(report: ShardReport): Promise<void> {
    const { shard } = report;
    this.#tally.add(shard, report.envelope);
    if (report.answers.some(({ kind }) => kind === "reassigned")) {
      this.#isVoid[shard] = false;
    }
    if (!this.#isVoid[shard]) {
      const open = this.#open[shard]!;
      for (const { bytes } of report.chunks()) {
        const lines = Buffer.from(bytes).toString().trimEnd().split("\n");
        open.forms.push(...lines.map(formOfLine));
      }
      for (const { partition, bytes } of report.deltas()) {
        open.deltas.push({ partition, bytes: Buffer.from(bytes) });
      }
      if (report.answers.some(({ kind }) => kind === "barrier")) {
        this.#closed[shard] = open;
        this.#open[shard] = nothingPutOut();
      }
    }
    await nextTurn();
  }

  #pass(commit: number, passed: PassedBarrier): void {
    // Kafka takes nothing of a process that is gone.
    if (this.#isDead) return;
    const at = this.#barrier!;
    assert.equal(commit, at.commit);
    this.#committed.take(at, passed, this.#closed as PutOut[]);
    this.#closed = [];
    this.#barrier = null;
  }

  /** Goes to where the last commit is, and forgets all behind it. */
  async restore(): Promise<void> {
    const { dispatcher } = this;
    await this.#until(() => dispatcher.dealer.isEmpty);
    const { watermarkMs, clocks, nextBatch, logs } = this.#committed;
    this.#isVoid.fill(true);
    this.#open = this.#open.map(nothingPutOut);
    dispatcher.clear();
    const restored: Promise<void>[] = [];
    for (const [partition, batches] of logs) {
      const bytes = batches.map((batch) => batch.bytes);
      if (bytes.length === 0) continue;
      const chunk = chunkOfBytes(bytes, { partition });
      restored.push(dispatcher.restore(chunk, "windows"));
    }
    await Promise.all(restored);
    for (const each of PARTITIONS) dispatcher.setState(each, ACTIVE);
    const change = { dropped: PARTITIONS, topicId: null };
    dispatcher.reassign(change, { watermarkMs, clocks });
    this.#nextBatch = nextBatch;
  }

  /** Deals the next batch of the input. */
  deal(): void {
    const batch = this.#batches[this.#nextBatch++]!;
    this.#routed += batch.values.length;
    this.dispatcher.dealer.deal(listChunk(batch.values, batch));
  }

  /** Opens a barrier behind all that was dealt. */
  barrier(renewals: readonly Renewal[]): void {
    assert.equal(this.#barrier, null);
    const commit = this.#committed.commit + 1;
    const nextBatch = this.#nextBatch;
    this.#barrier = { commit, nextBatch };
    this.dispatcher.dealer.behind(() =>
      this.dispatcher.barrier(commit, { renewals }),
    );
  }

  /** Nothing that it still does counts. */
  kill(): void {
    this.#isDead = true;
  }

  /** Lets the fleet work until no barrier is open. */
  async committed(): Promise<void> {
    await this.#until(() => this.#barrier === null);
  }

  /** Ends the input, commits the rest; checks that every visit is accounted for. */
  async finish(): Promise<void> {
    const { dispatcher } = this;
    await this.#until(() => dispatcher.dealer.isEmpty);
    for (const each of PARTITIONS) dispatcher.setState(each, FINISHED);
    await this.#until(() => dispatcher.isSettled);
    this.barrier([]);
    await this.committed();
    await this.#until(() => dispatcher.isSettled);
    this.#tally.assertConservation(this.#routed);
    assert.equal(
      this.#tally.count("late"),
      0,
      "a visit within the bound was late",
    );
    assert.equal(this.#tally.gauge("openSessions"), 0);
  }

  async #until(isSo: () => boolean): Promise<void> {
    const endMs = performance.now() + WAIT_MS;
    while (!isSo()) {
      if (this.#failures.length > 0) throw this.#failures[0];
      assert.ok(performance.now() < endMs, "nothing happens any more");
      this.dispatcher.expectRecords(false);
      this.dispatcher.pump();
      await nextTurn();
    }
  }
}

function nothingPutOut(): PutOut {
  return { forms: [], deltas: [] };
}
