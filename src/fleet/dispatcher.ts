import type { Clock } from "../clock.ts";
import { SharedTime, type WatermarkMode } from "../watermark/shared_time.ts";
import type { PostedReport, TaskMessage } from "../wire/messages.ts";
import { NO_ORDERS, type ReadChange } from "../wire/orders.ts";
import { OutputFlow } from "./output_flow.ts";
import { PayloadBuffers } from "./payload_buffers.ts";
import {
  type InFlightTask,
  ShardLink,
  type TaskOptions,
} from "./shard_link.ts";
import { ShardReport } from "./shard_report.ts";
import { Waiters } from "./waiters.ts";

/** Tasks a shard may have before it gets a batch that is not full. */
const OUTSTANDING_MAX = 2;

/** The shards, wherever they run. */
export interface ShardRunner {
  /** Number of shards. */
  readonly size: number;
  /** Runs a task on a shard; tasks of one shard run in the order of calls. */
  run(shard: number, message: TaskMessage): Promise<PostedReport>;
}

/** What the dispatcher is told once. */
export interface DispatcherOptions {
  /** Payloads of tasks at most: those being filled, with a shard, and kept. */
  readonly inFlightLimitBytes: number;
  /** Payloads of reports that wait for the outputs, before the shards wait. */
  readonly outputLimitBytes: number;
  readonly watermarks: WatermarkMode;
  readonly clock: Pick<Clock, "nowMs">;
}

/** Whom the dispatcher tells what the shards did. */
export interface DispatcherListener {
  /**
   * Takes a report; resolves when all it holds is acknowledged. Until then its
   * bytes count as output in flight. What it throws or rejects with ends the job.
   */
  onReport(
    report: ShardReport,
    applied: readonly InFlightTask[],
  ): Promise<void>;
  /** The job cannot go on, for what failed first; told once. */
  onFailure(error: unknown): void;
}

/**
 * Sends the shards their tasks and merges what they report. A batch leaves when
 * it is full, or as soon as its shard has less than two tasks: so batches are
 * small when traffic is thin and large when it is heavy, with no timer. News
 * of time ride on batches, or alone when a shard is quiet.
 */
export class Dispatcher {
  readonly links: readonly ShardLink[];
  readonly #pool: ShardRunner;
  readonly #listener: DispatcherListener;
  readonly #clock: DispatcherOptions["clock"];
  readonly #time: SharedTime;
  readonly #output: OutputFlow;
  readonly #payloads: PayloadBuffers;
  readonly #waiters = new Waiters();
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
    const { inFlightLimitBytes, outputLimitBytes } = options;
    this.#payloads = new PayloadBuffers(inFlightLimitBytes, pool.size);
    this.#output = new OutputFlow(outputLimitBytes);
    this.links = Array.from(
      { length: pool.size },
      (_, shard) => new ShardLink(shard, this.#payloads),
    );
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
    return this.links.every((link) => link.isQuiet && link.knows(version));
  }

  /** False when the shards or the outputs have as much to do as they may. */
  get hasCapacity(): boolean {
    if (this.#waiters.hasFailed || this.#output.isFull) return false;
    return this.#payloads.hasRoom;
  }

  /** Bytes of the largest run of records that a usual batch takes. */
  get batchBytes(): number {
    return this.#payloads.sizes.fullBytes;
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

  /** Begins a new assignment: windows of its dropped partitions go. */
  reassign(change: ReadChange): void {
    // What was routed is of the old assignment, and so is its time.
    for (const link of this.links) if (link.batch.count > 0) this.#send(link);
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
    const { version } = this.#time;
    for (const link of this.links) {
      const hasRoom = link.outstanding < OUTSTANDING_MAX && !this.#isFilling;
      const isIdle = link.outstanding === 0;
      if (link.batch.count > 0 && hasRoom) {
        this.#send(link);
      } else if (isIdle && (link.hasBacklog || !link.knows(version))) {
        this.#send(link);
      }
    }
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
    this.#endJobOnError(() => {
      const message = link.nextTask(this.#time.news, {
        nowMs: this.#clock.nowMs(),
        isFollowed: false,
        orders: NO_ORDERS,
        ...options,
      });
      this.#pool.run(link.shard, message).then(
        (report) => this.#endJobOnError(() => this.#receive(link, report)),
        (error) => this.#lose(error),
      );
    });
  }

  #receive(link: ShardLink, message: PostedReport): void {
    const report = new ShardReport(link.shard, message);
    const applied = link.take(report);
    for (const payload of message.freed) this.#payloads.give(payload);
    if (link.isOfAssignment) {
      const causeMs = applied[0]?.runs[0]?.fetchedAtMs ?? null;
      const { localWatermarkMs, clocksMs } = report;
      this.#time.merge(link.shard, { localWatermarkMs, clocksMs, causeMs });
    }
    this.#deliver(link, report, applied);
    this.#goOn();
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
        this.#endJobOnError(() => {
          this.#output.written(byteLength);
          if (report.payload !== null) link.giveBack(report.payload);
          this.#goOn();
        }),
      (error) => this.#lose(error),
    );
  }

  /** Something was done: more may be sent, and who waits may go on. */
  #goOn(): void {
    this.pump();
    this.#waiters.notify();
  }

  /** Does nothing any more when the job has ended. */
  #endJobOnError(work: () => void): void {
    if (this.#waiters.hasFailed) return;
    try {
      work();
    } catch (error) {
      this.#lose(error);
    }
  }

  #lose(error: unknown): void {
    if (this.#waiters.fail(error)) this.#listener.onFailure(error);
  }
}
