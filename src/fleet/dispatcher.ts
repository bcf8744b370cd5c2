import { SharedTime, type ToldWatermark } from "../watermark/shared_time.ts";
import type { PostedReport } from "../wire/messages.ts";
import { NO_ORDERS, type ReadChange } from "../wire/orders.ts";
import { Dealer } from "./dealer.ts";
import {
  type DispatcherListener,
  type DispatcherOptions,
  type ShardRunner,
  skewNowMs,
} from "./dispatcher_parts.ts";
import { InFlight } from "./in_flight.ts";
import { OutputFlow } from "./output_flow.ts";
import { RoundClocks } from "./round_clocks.ts";
import {
  type InFlightTask,
  ShardLink,
  type TaskOptions,
} from "./shard_link.ts";
import { ShardReport } from "./shard_report.ts";
import { taskBytes } from "./task_batch.ts";
import { Waiters } from "./waiters.ts";

/** Tasks a shard may have before it gets a batch that is not full. */
const OUTSTANDING_MAX = 2;
/** News wait so long for those of other shards that are at work, ms. */
const NEWS_WAIT_MS = 5;

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
  readonly #pool: ShardRunner;
  readonly #listener: DispatcherListener;
  readonly #clock: DispatcherOptions["clock"];
  readonly #time: SharedTime;
  readonly #rounds: RoundClocks;
  readonly #output: OutputFlow;
  readonly #inFlight: InFlight;
  readonly #waiters: Waiters;
  #isFilling = false;

  constructor(
    pool: ShardRunner,
    options: DispatcherOptions,
    listener: DispatcherListener,
  ) {
    this.#pool = pool;
    this.#listener = listener;
    this.#clock = options.clock;
    this.#time = new SharedTime(pool.size, options.watermarks);
    this.#waiters = new Waiters((error) => listener.onFailure(error));
    this.#rounds = new RoundClocks(pool.size, (round, clocksMs) =>
      listener.onRound?.(round, clocksMs),
    );
    this.#output = new OutputFlow(options.outputLimitBytes);
    this.#inFlight = new InFlight(options.inFlightLimitBytes);
    const bytes = taskBytes(pool.size);
    this.links = Array.from(
      { length: pool.size },
      (_, shard) => new ShardLink(shard, bytes),
    );
    this.dealer = new Dealer(this, {
      ...{ pool, inFlight: this.#inFlight, waiters: this.#waiters },
      ...options,
    });
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
    return (
      this.dealer.isEmpty &&
      this.links.every((link) => link.isQuiet && link.knows(version))
    );
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
    for (const link of this.links) this.#send(link, { round });
  }

  /**
   * Begins a new assignment: windows of its dropped partitions go. All that was
   * dealt before is to be handed on.
   */
  reassign(change: ReadChange): void {
    // What was dealt is of the old assignment, and so is its time.
    for (const link of this.links) if (!link.batch.isEmpty) this.#send(link);
    this.#time.restart(change.dropped);
    for (const link of this.links) {
      this.#send(link, { orders: [link.beginAssignment(change)] });
    }
  }

  /**
   * Sends a shard's batch although it may have enough to do: it is full. Throws
   * what has ended the job.
   */
  sendFull(link: ShardLink): void {
    // What did not fit follows.
    this.#send(link, { isFollowed: true });
    this.#waiters.throwFailure();
  }

  /** Sends what should be sent now. */
  pump(): void {
    if (this.#output.isFull) return;
    const areIdle = this.links.every(({ outstanding }) => outstanding === 0);
    const due = this.links.filter((link) => this.#isDue(link, areIdle));
    for (const link of due) this.#send(link);
  }

  /** True when a shard should get a task although it would not be full. */
  #isDue(link: ShardLink, areAllIdle: boolean): boolean {
    const { outstanding, batch, chunksSince } = link;
    const isIdle = outstanding === 0;
    if (isIdle && link.hasBacklog) return true;
    // More rows come for sure, and soon: a task a chunk is enough for all shards.
    const chunks = this.links.length * (1 + outstanding);
    if (!this.dealer.isEmpty && chunksSince < chunks) return false;
    const hasRoom = isIdle || (outstanding < OUTSTANDING_MAX && !batch.isSmall);
    if (!batch.isEmpty && hasRoom && !this.#isFilling) return true;
    if (!isIdle || link.knows(this.#time.version)) return false;
    // Else each report of one would be news for all others at once.
    return areAllIdle || link.restMs(this.#clock.nowMs()) >= NEWS_WAIT_MS;
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

  #send(link: ShardLink, options: Partial<TaskOptions> = {}): void {
    this.#waiters.attempt(() => {
      const message = link.nextTask(this.#time.news, {
        nowMs: this.#clock.nowMs(),
        skewNowMs: skewNowMs(this.#clock),
        isFollowed: false,
        round: 0,
        orders: NO_ORDERS,
        ...options,
      });
      this.#pool.run(link.shard, message).then(
        (report) => this.#waiters.attempt(() => this.#receive(link, report)),
        (error) => this.#waiters.lose(error),
      );
    });
  }

  #receive(link: ShardLink, message: PostedReport): void {
    const report = new ShardReport(link.shard, message);
    const applied = link.take(report);
    for (const { held } of applied) for (const each of held) each.release();
    this.#inFlight.learn(report.scanned);
    this.#rounds.take(link.shard, report.answers);
    if (link.isOfAssignment) {
      const causeMs = applied[0]?.runs[0]?.fetchedAtMs ?? null;
      const { localWatermarkMs, clocksMs } = report;
      this.#time.merge(link.shard, { localWatermarkMs, clocksMs, causeMs });
    }
    this.#deliver(link, report, applied);
    this.goOn();
  }

  #deliver(
    link: ShardLink,
    report: ShardReport,
    applied: readonly InFlightTask[],
  ): void {
    const byteLength = report.payloadLength;
    this.#output.reported(byteLength);
    this.#listener.onReport(report, applied).then(
      () =>
        this.#waiters.attempt(() => {
          this.#output.written(byteLength);
          if (report.payload !== null) link.giveBack(report.payload);
          this.goOn();
        }),
      (error) => this.#waiters.lose(error),
    );
  }

  /** Something was done: more may be sent, and who waits may go on. */
  goOn(): void {
    this.dealer.forward();
    this.pump();
    this.#waiters.notify();
  }
}
