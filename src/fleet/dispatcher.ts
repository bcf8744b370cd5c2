import { type Chunk, placeOf } from "../record/chunk.ts";
import {
  type RestoredTime,
  SharedTime,
  type ToldWatermark,
} from "../watermark/shared_time.ts";
import {
  NO_ORDERS,
  type ReadChange,
  type Renewal,
  type ShardOrder,
} from "../wire/orders.ts";
import { Barriers } from "./barriers.ts";
import { Dealer } from "./dealer.ts";
import type {
  DispatcherListener,
  DispatcherOptions,
  ShardRunner,
} from "./dispatcher_parts.ts";
import { dueLinks } from "./due_task.ts";
import { Exchange } from "./exchange.ts";
import { InFlight } from "./in_flight.ts";
import { LookDesk } from "./look_desk.ts";
import { OutputFlow } from "./output_flow.ts";
import { type ShardLink, shardLinks } from "./shard_link.ts";
import { Waiters } from "./waiters.ts";
import { watched } from "./watched_runner.ts";

/**
 * Sends the shards their tasks and merges what they report. A batch leaves when
 * it is full, or as soon as its shard has less than two tasks: so batches are
 * small when traffic is thin and large when it is heavy, with no timer. News
 * of time ride on batches, or alone when a shard is quiet.
 */
export class Dispatcher {
  readonly links: readonly ShardLink[];
  /** What brings chunks into the batches. */
  readonly dealer: Dealer;
  /** What sessions are open. */
  readonly lookups: LookDesk;
  readonly #clock: DispatcherOptions["clock"];
  readonly #time: SharedTime;
  readonly #barriers: Barriers;
  readonly #output: OutputFlow;
  readonly #inFlight: InFlight;
  readonly #waiters: Waiters;
  readonly #exchange: Exchange;
  #isFilling = false;

  constructor(
    pool: ShardRunner,
    options: DispatcherOptions,
    listener: DispatcherListener,
  ) {
    const { clock, shardTimeoutMs } = options;
    const runner = watched(pool, shardTimeoutMs);
    this.#clock = clock;
    this.#time = new SharedTime(pool.size, options.watermarks);
    this.#barriers = new Barriers(pool.size);
    this.#waiters = new Waiters((error) => listener.onFailure(error));
    this.#output = new OutputFlow(options.outputLimitBytes);
    this.#inFlight = new InFlight(options.inFlightLimitBytes);
    this.links = shardLinks(pool.size);
    const parts = {
      ...{ pool: runner, inFlight: this.#inFlight, waiters: this.#waiters },
    };
    this.#exchange = new Exchange({
      ...{ ...parts, listener, clock, time: this.#time },
      ...{ barriers: this.#barriers, output: this.#output },
      goOn: () => this.goOn(),
    });
    this.dealer = new Dealer(this, { ...parts, ...options });
    this.lookups = new LookDesk({ ...parts, ...options });
  }

  /** The watermark that the shards are told, ms. */
  get watermarkMs(): number {
    return this.#time.watermarkMs;
  }

  /** By partition: the highest event time that a shard has reported, ms. */
  get clocksMs(): Float64Array {
    return this.#time.news.clocksMs;
  }

  /** True when all shards have reported with all that they were told. */
  get isSettled(): boolean {
    const { version } = this.#time;
    const isDone = (link: ShardLink) => link.isQuiet && link.knows(version);
    return this.dealer.isEmpty && this.links.every(isDone);
  }

  /** Bytes of the records that are under way, unpacked. */
  get inFlightBytes(): number {
    return this.#inFlight.bytes;
  }

  /** False when the shards or the outputs have as much to do as they may. */
  get hasCapacity(): boolean {
    if (this.#waiters.hasFailed || this.#output.isFull) return false;
    return this.#inFlight.hasRoom;
  }

  /**
   * Says whether more records are at hand: then a batch that is not full waits
   * for them.
   */
  expectRecords(areAtHand: boolean): void {
    this.#isFilling = areAtHand;
  }

  /** Sets the state of a partition; the shards are told with the next tasks. */
  setState(partition: number, state: number): void {
    this.#time.setState(partition, state);
  }

  /** Sets the watermark by hand (`watermarks: "told"`); it never goes back. */
  tellWatermark(watermarkMs: number): void {
    this.#time.tellWatermark(watermarkMs);
  }

  /**
   * Ends a round: each shard gets what there is for it, and behind it the
   * watermark (`watermarks: "told"`). It answers when all that is applied.
   */
  endRound(round: number, { watermarkMs, causeMs }: ToldWatermark): void {
    this.#time.tellWatermark(watermarkMs, causeMs);
    this.#exchange.sendAll(this.links, { round });
  }

  /**
   * Sends all shards the barrier of a commit, behind all that was dealt, which
   * is to be handed on, and before one and the same watermark. The listener hears
   * when all have passed it. Throws while another one is open.
   */
  barrier(
    commit: number,
    { renewals }: { renewals: readonly Renewal[] },
  ): void {
    this.#barriers.open(commit, this.watermarkMs);
    const renew: ShardOrder = { kind: "renew", partitions: renewals };
    const orders = renewals.length === 0 ? NO_ORDERS : [renew];
    this.#exchange.sendAll(this.links, { barrier: commit, orders });
  }

  /**
   * Has the shards forget all windows. Then nothing may be dealt, and time stands
   * still, until `reassign`.
   */
  clear(): void {
    this.#barriers.assertClosed("clear windows");
    this.#sendBatches();
    this.#exchange.sendAll(this.links, { orders: [{ kind: "clear" }] });
  }

  /**
   * Gives all shards a chunk of the window log `topic`, in the log's order, to
   * take windows from. The chunk is released, and this resolves, when all have.
   */
  restore(chunk: Chunk, topic: string): Promise<void> {
    const chunks = [placeOf(chunk, topic)];
    const orders: ShardOrder[] = [{ kind: "restore", chunks }];
    let left = this.links.length;
    const release = () => {
      if (--left === 0) chunk.release();
    };
    this.#exchange.sendAll(this.links, { orders, held: { release } });
    return this.#waiters.until(() => left === 0);
  }

  /**
   * Begins a new assignment: windows of its dropped partitions go, unless all
   * were cleared before, and time begins where it is restored, or anew. All that
   * was dealt before is to be handed on.
   */
  reassign(change: ReadChange, time?: RestoredTime): void {
    this.#barriers.assertClosed("begin an assignment");
    // What was dealt is of the old assignment, and so is its time.
    this.#sendBatches();
    this.#time.restart(change.dropped, time);
    this.#barriers.restart(change.dropped, time);
    for (const link of this.links) {
      const orders = [link.beginAssignment(change)];
      this.#exchange.send(link, { orders });
    }
  }

  #sendBatches(): void {
    const filled = this.links.filter(({ batch }) => !batch.isEmpty);
    this.#exchange.sendAll(filled);
  }

  /**
   * Sends a shard's batch although it may have enough to do: it is full. Throws
   * what has ended the job.
   */
  sendFull(link: ShardLink): void {
    // What did not fit follows.
    this.#exchange.send(link, { isFollowed: true });
    this.#waiters.throwFailure();
  }

  /** Sends what should be sent now. */
  pump(): void {
    const { isFull, isFullBefore } = this.#output;
    if (isFullBefore) return;
    for (const link of this.#dueLinks()) {
      // What makes it full may wait for what this shard does before the barrier.
      const isAwaited = link.hasBacklog && this.#barriers.waitsFor(link.shard);
      if (!isFull || isAwaited) this.#exchange.send(link);
    }
  }

  #dueLinks(): ShardLink[] {
    return dueLinks({
      links: this.links,
      isDealing: !this.dealer.isEmpty,
      isFilling: this.#isFilling,
      version: this.#time.version,
      clock: this.#clock,
    });
  }

  /** Resolves when there is room for more records. */
  async capacity(): Promise<void> {
    if (!this.hasCapacity) {
      // None come before these: what is there has to do.
      this.#isFilling = false;
      this.pump();
    }
    await this.#waiters.until(() => this.hasCapacity);
  }

  /** Resolves when the shards have nothing left to do and all is written. */
  quiet(): Promise<void> {
    return this.#waiters.until(() => this.#output.isEmpty && this.isSettled);
  }

  /** Ends the job: whoever waits for capacity or quiet gets the error. */
  fail(error: unknown): void {
    this.#waiters.fail(error);
  }

  /** Something was done: more may be sent, and who waits may go on. */
  goOn(): void {
    this.dealer.forward();
    this.pump();
    this.#waiters.notify();
  }
}
