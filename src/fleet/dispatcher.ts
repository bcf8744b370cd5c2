import { wallClockMs } from "../clock.ts";
import { PartitionClocks } from "../watermark/partition_clocks.ts";
import { WatermarkMerger } from "../watermark/watermark_merger.ts";
import { BufferPool } from "../wire/buffer_pool.ts";
import type { PostedReport, TaskMessage } from "../wire/messages.ts";
import { BATCH_BYTES, THIN_BATCH_BYTES } from "./shard_batch.ts";
import { type InFlightTask, ShardLink } from "./shard_link.ts";
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
  readonly outputLimitBytes: number;
  readonly inFlightLimitBytes: number;
  /** `told`: only `tellWatermark` moves the watermark, as in a replay. */
  readonly watermarks: "merged" | "told";
}

/** Whom the dispatcher tells what the shards did. */
export interface DispatcherListener {
  /**
   * Takes a report; resolves when all it holds is acknowledged. Until then its
   * bytes count as output in flight. A rejection ends the job.
   */
  onReport(
    report: ShardReport,
    applied: readonly InFlightTask[],
  ): Promise<void>;
  /** The job cannot go on: a task failed, or an output. */
  onFailure(error: unknown): void;
}

/**
 * Sends the shards their tasks and merges what they report. A batch leaves when
 * it is full, or as soon as its shard has less than two tasks: so batches are
 * small when traffic is thin and large when it is heavy, with no timer. News
 * (watermark, clocks, states) ride on batches, or alone when a shard is quiet.
 */
export class Dispatcher {
  readonly links: ShardLink[];
  readonly clocks = new PartitionClocks();
  readonly #pool: ShardRunner;
  readonly #options: DispatcherOptions;
  readonly #listener: DispatcherListener;
  readonly #payloads: BufferPool;
  readonly #merger: WatermarkMerger;
  readonly #changed = new Waiters();
  #toldWatermarkMs = -Infinity;
  /** Fetch time behind the latest clock, and behind the merged watermark. */
  #clockCauseMs: number | null = null;
  #watermarkCauseMs: number | null = null;
  #version = 1;
  #inFlightBytes = 0;
  #outputBytes = 0;
  #hasFailed = false;
  /** More records are at hand: a batch that is not full waits for them. */
  isFilling = false;

  constructor(
    pool: ShardRunner,
    options: DispatcherOptions,
    listener: DispatcherListener,
  ) {
    this.#pool = pool;
    this.#options = options;
    this.#listener = listener;
    this.#merger = new WatermarkMerger(pool.size);
    const payloads = Math.ceil(options.inFlightLimitBytes / BATCH_BYTES);
    const kept = payloads + 4 * pool.size;
    this.#payloads = new BufferPool([THIN_BATCH_BYTES, BATCH_BYTES], kept);
    this.links = Array.from(
      { length: pool.size },
      (_, shard) => new ShardLink(shard, this.#payloads),
    );
  }

  /** The watermark that the shards are told, ms. */
  get watermarkMs(): number {
    return this.#options.watermarks === "told"
      ? this.#toldWatermarkMs
      : this.#merger.mergedMs;
  }

  /** True when all shards have reported with all that they were told. */
  get isSettled(): boolean {
    return this.links.every(
      (link) => link.isQuiet && link.toldVersion === this.#version,
    );
  }

  /** Sends a shard's batch although it may have enough to do: it is full. */
  sendFull(link: ShardLink): void {
    // What did not fit follows.
    this.#send(link, { isFollowed: true });
  }

  /** Sets the state of a partition; the shards are told with the next tasks. */
  setState(partition: number, state: number): void {
    if (this.clocks.setState(partition, state)) this.#version++;
  }

  /** Sets the watermark by hand (`watermarks: "told"`). */
  tellWatermark(watermarkMs: number): void {
    this.#toldWatermarkMs = watermarkMs;
    this.#version++;
  }

  /** Begins a new assignment: windows of these partitions are dropped. */
  reassign(dropped: readonly number[]): void {
    for (const partition of dropped) this.clocks.restart(partition);
    this.#merger.restart();
    this.#version++;
    for (const link of this.links) {
      if (link.batch.count > 0) this.#send(link);
      link.assignedSequence = link.sequence + 1;
      this.#send(link, { dropped });
    }
  }

  /** Ends the job: whoever waits for capacity or quiet gets the error. */
  fail(error: unknown): void {
    this.#hasFailed = true;
    this.#changed.fail(error);
  }

  /** Sends what should be sent now. */
  pump(): void {
    if (this.#hasFailed) return;
    if (this.#outputBytes > this.#options.outputLimitBytes) return;
    for (const link of this.links) {
      const hasNews = link.toldVersion < this.#version;
      const isIdle = link.outstanding === 0;
      const hasRoom = link.outstanding < OUTSTANDING_MAX && !this.isFilling;
      if (link.batch.count > 0 && hasRoom) {
        this.#send(link);
      } else if (isIdle && (hasNews || link.hasBacklog)) {
        this.#send(link);
      }
    }
  }

  /** Resolves when there is room for more records. */
  async capacity(): Promise<void> {
    if (!this.hasCapacity) {
      // None come before these: what is there has to do.
      this.isFilling = false;
      this.pump();
    }
    await this.#changed.until(() => this.hasCapacity);
  }

  /** Resolves when the shards have nothing left to do and all is written. */
  quiet(): Promise<void> {
    return this.#changed.until(() => this.#outputBytes === 0 && this.isSettled);
  }

  /** False when the shards or the outputs have as much to do as they may. */
  get hasCapacity(): boolean {
    let pendingBytes = 0;
    for (const link of this.links) pendingBytes += link.pendingBytes;
    return (
      this.#inFlightBytes + pendingBytes <= this.#options.inFlightLimitBytes &&
      this.#outputBytes <= this.#options.outputLimitBytes
    );
  }

  #send(
    link: ShardLink,
    options: { isFollowed?: boolean; dropped?: readonly number[] } = {},
  ): void {
    const header = {
      nowMs: wallClockMs(),
      mergedWatermarkMs: this.watermarkMs,
      clocksMs: this.clocks.clocksMs,
      states: this.clocks.states,
      isFollowed: options.isFollowed ?? false,
      droppedPartitions: options.dropped ?? null,
    };
    const message = link.nextTask(header, {
      watermarkCauseMs: this.#watermarkCauseMs,
      version: this.#version,
    });
    this.#inFlightBytes += link.inFlight.at(-1)!.byteLength;
    this.#pool.run(link.shard, message).then(
      (report) => this.#receive(link, report),
      (error) => this.#lose(error),
    );
  }

  #receive(link: ShardLink, message: PostedReport): void {
    const report = new ShardReport(link.shard, message);
    const applied = link.takeApplied(report.appliedSequence);
    for (const task of applied) this.#inFlightBytes -= task.byteLength;
    for (const payload of message.freed) this.#payloads.give(payload);
    link.outstanding--;
    link.hasBacklog = report.appliedSequence < report.sequence;
    if (report.appliedSequence >= link.assignedSequence) {
      this.#mergeTime(report, applied);
    }
    this.#deliver(link, report, applied);
    this.pump();
    this.#changed.notify();
  }

  #mergeTime(report: ShardReport, applied: readonly InFlightTask[]): void {
    if (this.#options.watermarks === "told") return;
    if (this.clocks.merge(report.clocksMs)) {
      this.#version++;
      this.#clockCauseMs = applied[0]?.runs[0]?.fetchedAtMs ?? null;
    }
    if (this.#merger.report(report.shard, report.localWatermarkMs)) {
      this.#version++;
      this.#watermarkCauseMs = this.#clockCauseMs;
    }
  }

  #deliver(
    link: ShardLink,
    report: ShardReport,
    applied: readonly InFlightTask[],
  ): void {
    const byteLength = report.payloadLength;
    this.#outputBytes += byteLength;
    this.#listener.onReport(report, applied).then(
      () => {
        this.#outputBytes -= byteLength;
        if (report.payload !== null) link.spares.push(report.payload);
        this.pump();
        this.#changed.notify();
      },
      (error) => this.#lose(error),
    );
  }

  #lose(error: unknown): void {
    this.fail(error);
    this.#listener.onFailure(error);
  }
}
