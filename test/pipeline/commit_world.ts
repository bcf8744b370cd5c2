import { LogExtent } from "../../src/checkpoint/log_extent.ts";
import type { ShardReport } from "../../src/fleet/shard_report.ts";
import { DurabilityMeters } from "../../src/observe/durability_meters.ts";
import { CommitGate } from "../../src/pipeline/commit_gate.ts";
import { type CommitParts, Commits } from "../../src/pipeline/commits.ts";
import { type CommittingOffset, Ledger } from "../../src/pipeline/ledger.ts";
import { Positions } from "../../src/pipeline/positions.ts";
import type { Chunk } from "../../src/record/chunk.ts";
import type { PartitionState } from "../../src/watermark/partition_state.ts";
import type { LogState } from "../../src/wire/orders.ts";

const INTERVAL_MS = 100;
/** Promises that follow each other at most in what a commit does. */
const TURNS = 50;

/**
 * The commits of one shard, in a world that does what a test says: it answers
 * barriers and takes what is written at once.
 */
export class CommitWorld {
  readonly seat = { memberId: "m", generationId: 3, groupInstanceId: "a" };
  readonly barriers: number[] = [];
  readonly commits: {
    readonly offsets: readonly CommittingOffset[];
    readonly seat: unknown;
  }[] = [];
  readonly logged: { partition: number; bytes: Uint8Array }[] = [];
  readonly truncated: ReadonlyMap<number, number>[] = [];
  readonly failures: unknown[] = [];
  readonly states = new Map<number, PartitionState>();
  readonly meters = new DurabilityMeters();
  readonly gate: CommitGate;
  readonly commitsLoop: Commits;
  /** What the next transaction ends with. */
  failure: Error | null = null;
  readonly #positions = new Positions();
  readonly #ends = new Map<number, number>();
  readonly #dispatcher = {
    watermarkMs: 0,
    barrier: (commit: number) => void this.barriers.push(commit),
    dealer: {
      behind: (work: () => void) => work(),
      until: (isSo: () => boolean) => this.#until(isSo),
    },
  };
  #tick = () => {};
  #nowMs = 0;
  #waiting: { isSo: () => boolean; resolve: () => void }[] = [];

  /** `restoredBytes`: what has come back of each partition's log. */
  constructor(partitions: readonly number[], restoredBytes = 0) {
    const log = this.#log();
    this.gate = new CommitGate({
      ...{ shardCount: 1, holds: true },
      log: log.write,
    });
    this.gate.open();
    this.commitsLoop = new Commits({
      ...{ log, gate: this.gate, positions: this.#positions },
      dispatcher: this.#dispatcher as unknown as CommitParts["dispatcher"],
      commit: async (offsets, seat) => {
        if (this.failure) throw this.failure;
        this.commits.push({ offsets, seat });
      },
      flush: async () => {},
      progress: () => [],
      stateOf: (partition) => this.states.get(partition) ?? 1,
      meters: this.meters,
      clock: {
        nowMs: () => this.#nowMs,
        every: (_, work) => {
          this.#tick = work;
          return () => {
            this.#tick = () => {};
          };
        },
        turn: async () => {},
      },
      ...{ intervalMs: INTERVAL_MS, shardCount: 1, transactionalId: "g-a" },
      ...{ topic: "visits", group: "g", logTopic: "windows" },
      job: { gapMs: 1, allowedLatenessMs: 0, precision: "s" },
      warn: () => {},
      onFailure: (error) => this.failures.push(error),
    });
    const ledgers = partitions.map((partition) => {
      const extent = new LogExtent(partition, { from: 0, end: 0 });
      if (restoredBytes > 0) {
        extent.add(1, { end: 1, byteLength: restoredBytes });
        this.#ends.set(partition, 1);
      }
      return new Ledger(partition, { offset: null, mark: null, extent });
    });
    this.commitsLoop.begin({
      ...{ seat: this.seat, topicId: null },
      ledgers: new Map(ledgers.map((each) => [each.partition, each])),
    });
  }

  /** A commit interval goes by. */
  tick(): void {
    this.#nowMs += 20 * INTERVAL_MS;
    this.#tick();
  }

  deal(chunk: Chunk): void {
    this.#positions.dealt(chunk);
    this.commitsLoop.dealt();
  }

  /** The shard puts out so many bytes of changes, as one record. */
  delta(partition: number, byteLength: number): void {
    const bytes = new Uint8Array(byteLength);
    this.gate.wrote(this.gate.log([{ partition, count: 1, bytes }]));
  }

  /** The shard's report answers the barrier that is open. */
  answerBarrier(): void {
    const answers = [{ kind: "barrier", commit: this.barriers.at(-1) }];
    const report = { shard: 0, payload: new ArrayBuffer(1), answers };
    this.gate.admit(report as unknown as ShardReport);
  }

  /** All shards have passed the barrier; resolves when all of it is done. */
  async pass(
    options: {
      watermarkMs?: number;
      clocksMs?: readonly number[];
      logs?: readonly LogState[];
      isAnswered?: boolean;
    } = {},
  ): Promise<void> {
    const { watermarkMs = 0, clocksMs = [], logs = [] } = options;
    if (!options.isAnswered) this.answerBarrier();
    this.commitsLoop.passed(this.barriers.at(-1)!, {
      ...{ watermarkMs, logs },
      clocksMs: Float64Array.from(clocksMs),
    });
    const ready = this.#waiting.filter(({ isSo }) => isSo());
    this.#waiting = this.#waiting.filter((each) => !ready.includes(each));
    for (const { resolve } of ready) resolve();
    for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
  }

  #until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ isSo, resolve }));
  }

  #log(): CommitParts["log"] {
    return {
      write: async (batches) => {
        for (const { partition, bytes } of batches) {
          this.logged.push({ partition, bytes });
          this.#ends.set(partition, this.#end(partition) + 1);
        }
      },
      endOffset: (partition) => this.#end(partition),
      truncate: async (offsets) => void this.truncated.push(offsets),
    };
  }

  #end(partition: number): number {
    return this.#ends.get(partition) ?? 0;
  }
}
