import { ForwardClocks } from "./forward_clocks.ts";
import { PartitionClocks } from "./partition_clocks.ts";
import { IDLE } from "./partition_state.ts";
import { WatermarkMerger } from "./watermark_merger.ts";

/** `told`: only `tellWatermark` moves the watermark, as in a replay. */
export type WatermarkMode = "merged" | "told";

/** What all shards are to know of time. */
export interface TimeNews {
  /** Grows with each change. */
  readonly version: number;
  /** The watermark, ms; -Infinity before the first. */
  readonly watermarkMs: number;
  /** Fetch time of the record that moved it there; null when none did. */
  readonly watermarkCauseMs: number | null;
  /** By partition: the highest event time seen; views that change later. */
  readonly clocksMs: Float64Array;
  /** By partition: one of `PartitionState`. */
  readonly states: Uint8Array;
}

/** A watermark that is told by hand. */
export interface ToldWatermark {
  readonly watermarkMs: number;
  /** Fetch time of the record that moved it there; null when none did. */
  readonly causeMs: number | null;
}

/** What a shard reports of time. */
export interface ReportedTime {
  readonly localWatermarkMs: number;
  readonly clocksMs: Float64Array;
  /** Fetch time of the first record that it applied since; null for none. */
  readonly causeMs: number | null;
}

/** Where the time of an assignment begins, as the last commit has it. */
export interface RestoredTime {
  /** The lowest of the restored watermarks, ms; -Infinity for none. */
  readonly watermarkMs: number;
  /** By partition: the highest event time seen, ms. */
  readonly clocks: ReadonlyMap<number, number>;
}

/** Time that begins from nothing. */
const NO_TIME: RestoredTime = { watermarkMs: -Infinity, clocks: new Map() };

/**
 * Time as the shards share it: the clocks and states of the partitions, the
 * watermark merged from what the shards report, and how new each of it is.
 */
export class SharedTime {
  readonly #mode: WatermarkMode;
  readonly #clocks = new PartitionClocks();
  readonly #merger: WatermarkMerger;
  /** By shard: what it told last. */
  readonly #reported: readonly ForwardClocks[];
  #toldWatermarkMs = -Infinity;
  #clockCauseMs: number | null = null;
  #watermarkCauseMs: number | null = null;
  #version = 1;

  constructor(shardCount: number, mode: WatermarkMode) {
    this.#mode = mode;
    this.#merger = new WatermarkMerger(shardCount);
    this.#reported = Array.from(
      { length: shardCount },
      (_, shard) => new ForwardClocks(`shard ${shard}`),
    );
  }

  /** Grows whenever there is something new for the shards. */
  get version(): number {
    return this.#version;
  }

  /** The watermark that the shards are told, ms. */
  get watermarkMs(): number {
    return this.#mode === "told"
      ? this.#toldWatermarkMs
      : this.#merger.mergedMs;
  }

  /** What the shards are to be told now. */
  get news(): TimeNews {
    return {
      version: this.#version,
      watermarkMs: this.watermarkMs,
      watermarkCauseMs: this.#watermarkCauseMs,
      clocksMs: this.#clocks.clocksMs,
      states: this.#clocks.states,
    };
  }

  /** Sets the state of a partition. */
  setState(partition: number, state: number): void {
    if (!this.#clocks.setState(partition, state)) return;
    this.#version++;
    // That may move the watermark by itself, and no record has.
    if (state === IDLE) this.#clockCauseMs = null;
  }

  /** Sets the watermark by hand. Throws when it would go back. */
  tellWatermark(watermarkMs: number, causeMs: number | null = null): void {
    if (!(watermarkMs >= this.#toldWatermarkMs)) {
      throw new RangeError(
        `Cannot tell watermark ${watermarkMs}: it is behind ` +
          `${this.#toldWatermarkMs}`,
      );
    }
    this.#toldWatermarkMs = watermarkMs;
    this.#watermarkCauseMs = causeMs;
    this.#version++;
  }

  /** Merges what a shard reports. Throws when one of its clocks went back. */
  merge(shard: number, time: ReportedTime): void {
    this.#reported[shard]!.take(time.clocksMs);
    const hasMoved = this.#clocks.merge(time.clocksMs);
    // They move nothing there, and the shards need not know them.
    if (this.#mode === "told") return;
    if (hasMoved) {
      this.#version++;
      this.#clockCauseMs = time.causeMs;
    }
    if (this.#merger.report(shard, time.localWatermarkMs)) {
      this.#version++;
      // The end of the input is no record.
      const isAtEnd = this.#merger.mergedMs === Infinity;
      this.#watermarkCauseMs = isAtEnd ? null : this.#clockCauseMs;
    }
  }

  /**
   * Begins a new assignment: the clocks of these partitions begin anew, at what
   * is restored of them, and a merged watermark waits at the restored one until
   * all shards have reported of the new assignment.
   */
  restart(partitions: readonly number[], time: RestoredTime = NO_TIME): void {
    for (const partition of partitions) this.#clocks.restart(partition);
    for (const [partition, ms] of time.clocks) {
      this.#clocks.observe(partition, ms);
    }
    for (const reported of this.#reported) reported.restart(partitions);
    this.#merger.restart(time.watermarkMs);
    // No record that was read in this assignment has moved it there.
    this.#clockCauseMs = null;
    this.#watermarkCauseMs = null;
    this.#version++;
  }
}
