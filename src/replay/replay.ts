import type { Writable } from "node:stream";
import { WALL_CLOCK } from "../clock.ts";
import type { WindowConfig } from "../config/config.ts";
import { checkReplay } from "../config/determinism.ts";
import { checkMembers } from "../config/members.ts";
import { REPLAY_RULES } from "../config/run_rules.ts";
import { WorldError } from "../errors.ts";
import { Dispatcher } from "../fleet/dispatcher.ts";
import { ShardPool } from "../fleet/shard_pool.ts";
import type { Chunk } from "../record/chunk.ts";
import { type ShardOptions, shardOptions } from "../shard/shard_options.ts";
import { type LineLog, LineSource } from "../source/lines/line_source.ts";
import type { RejectionReason } from "../window/rejection.ts";
import { ReplayOutput } from "./replay_output.ts";
import { ReplaySegment } from "./replay_segment.ts";

/** What `sessionmill replay` is given. */
export interface ReplayOptions {
  /** Path of a file of JSON lines, `-` for stdin. */
  readonly input: string;
  readonly workers: number;
  readonly window: WindowConfig;
  readonly maxRecordBytes: number;
  readonly withMetadata: boolean;
  /** Text for every `generation_time`; null for the time of the firing. */
  readonly generationTime: string | null;
  readonly output: Writable;
  /** Takes what is wrong with the input, and no reason to stop. */
  readonly warn?: LineLog["warn"];
  /** Ends the reading: what was read is played, and the rest is a failure. */
  readonly signal?: AbortSignal;
}

/** What a replay has read and put out. */
export interface ReplaySummary {
  /** Lines that are no watermarks, with those that were rejected. */
  readonly records: number;
  readonly watermarks: number;
  /** Forms of sessions that were put out. */
  readonly sessions: number;
  readonly rejectedByReason: Readonly<Partial<Record<RejectionReason, number>>>;
  /** The start of the first record; null where there is none. */
  readonly firstRecord: Uint8Array | null;
}

/** Bytes of records and of output that may be under way. */
const LIMIT_BYTES = 16 << 20;

/**
 * Runs recorded visits and watermarks through the real shards, one step at a
 * time: all visits before a watermark are applied everywhere before it is, and
 * what a step puts out is ordered by its cause. Fires nothing at the end of the
 * file. Resolves to what was read and put out. Throws a `WorldError` for an
 * unreadable file or a bad control line, and when it is stopped, a
 * `ReaderGoneError` when nobody reads the output, a `UsageError` for options that
 * cannot be, and for rules that look at the time of day.
 */
export async function runReplay(
  options: ReplayOptions,
): Promise<ReplaySummary> {
  checkMembers("replay", options, REPLAY_RULES);
  checkReplay(options.window);
  const path = options.input === "-" ? null : options.input;
  const { maxRecordBytes } = options;
  const log = { debug() {}, info() {}, warn: options.warn ?? (() => {}) };
  const source = new LineSource(path, {
    ...{ maxRecordBytes, roundRecords: null, tellsLengths: true, log },
  });
  await source.open();
  const pool = new ShardPool(options.workers);
  const output = new ReplayOutput(options.output, source);
  const dispatcher = new Dispatcher(
    pool,
    {
      outputLimitBytes: LIMIT_BYTES,
      inFlightLimitBytes: LIMIT_BYTES,
      watermarks: "told",
      keepsRecords: true,
      topic: source.topic,
      clock: WALL_CLOCK,
    },
    { onReport: async (report) => output.collect(report), onFailure() {} },
  );
  const stop = () => source.stop();
  const { signal } = options;
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  try {
    await pool.create(optionsOfShards(options));
    const replay = new Replay(dispatcher, { output, topic: source.topic });
    let isWhole = false;
    for await (const event of source.events()) {
      if (event.kind === "finished") isWhole = true;
      if (event.kind === "assigned") source.begin(0, "earliest");
      if (event.kind === "records") await replay.play(event.chunk);
    }
    await replay.settle();
    if (!isWhole) {
      throw new WorldError("Cannot replay: stopped before the input's end");
    }
    return replay.summary();
  } finally {
    signal?.removeEventListener("abort", stop);
    await source.close();
    await pool.destroy();
  }
}

/** Plays chunks of lines: visits up to a control line, then its watermark. */
class Replay {
  readonly #dispatcher: Dispatcher;
  readonly #output: ReplayOutput;
  readonly #segment: ReplaySegment;
  #records = 0;
  #watermarks = 0;

  constructor(
    dispatcher: Dispatcher,
    {
      output,
      topic,
    }: { readonly output: ReplayOutput; readonly topic: string },
  ) {
    this.#dispatcher = dispatcher;
    this.#output = output;
    this.#segment = new ReplaySegment(topic);
  }

  /** Plays all lines of a chunk, and releases it. */
  async play(chunk: Chunk): Promise<void> {
    const segment = this.#segment;
    segment.open(chunk);
    for (;;) {
      const visits = segment.visits();
      if (visits !== null) {
        this.#records += visits.count;
        this.#dispatcher.dealer.deal(visits);
      }
      await this.settle();
      const watermarkMs = segment.takeWatermark();
      if (watermarkMs === null) break;
      this.#watermarks++;
      if (watermarkMs <= this.#dispatcher.watermarkMs) continue;
      this.#dispatcher.tellWatermark(watermarkMs);
      await this.settle();
    }
    chunk.release();
  }

  summary(): ReplaySummary {
    const { sessions, rejections } = this.#output;
    return {
      ...{ records: this.#records, watermarks: this.#watermarks, sessions },
      rejectedByReason: rejections,
      firstRecord: this.#segment.head,
    };
  }

  /** Waits until the shards have done all, and writes what they put out. */
  async settle(): Promise<void> {
    this.#dispatcher.pump();
    await this.#dispatcher.quiet();
    await this.#output.flush();
  }
}

function optionsOfShards(options: ReplayOptions): ShardOptions[] {
  const { workers, window, maxRecordBytes } = options;
  const { withMetadata, generationTime } = options;
  const fleet = { workers, outputLimitBytes: LIMIT_BYTES };
  return shardOptions(fleet, {
    ...{ window, maxRecordBytes, generationTime },
    routeBy: "visit_id",
    encoder: { format: "lines", withMetadata, withOrder: true },
    keepLate: true,
    keepRejected: true,
  });
}
