import { setImmediate as nextTurn } from "node:timers/promises";
import type { GeneratorConfig } from "../config/config.ts";
import { RecordFeed } from "../generate/record_feed.ts";
import { RecordFrame } from "../generate/record_frame.ts";
import {
  type GeneratedCounts,
  VisitGenerator,
} from "../generate/visit_generator.ts";
import type { Chunk } from "../record/chunk.ts";
import { ChunkWriter } from "../record/chunk_writer.ts";
import { FramePool } from "../record/frame_pool.ts";
import type {
  InputExtent,
  PartitionProgress,
  Source,
  SourceEvent,
  StartOffset,
} from "./source.ts";

const CHUNK_BYTES = 1024 * 1024;
/** By so much a value grows at most: a key, and what stands around both. */
const GROWTH_BYTES = 128;

/** How generated visits become records. */
export interface GeneratorOptions {
  /**
   * What the records' timestamps are: when each was due, or the generator's own
   * time, which follows from its seed.
   */
  readonly timestamps: "clock" | "seed";
  /** No chunk crosses a multiple of so many records; null for no such bound. */
  readonly roundRecords: number | null;
}

/** Generated visits, as partition 0 of a topic called "generator". */
export class GeneratorSource implements Source {
  readonly topic = "generator";
  readonly partitionCount = 1;
  readonly goneRecords = 0;
  readonly #config: GeneratorConfig;
  readonly #options: GeneratorOptions;
  readonly #generator: VisitGenerator;
  readonly #stopping = new AbortController();
  readonly #writer: ChunkWriter;
  readonly #frame = new RecordFrame();
  readonly #record = {
    bytes: this.#frame.bytes,
    keyStart: 0,
    keyLength: 0,
    valueStart: 0,
    valueLength: 0,
    offset: 0,
    timestampMs: 0,
  };
  #feed: RecordFeed | null = null;
  /** Number of the first record wanted; null before `begin`. */
  #from: number | null = null;
  #position = 0;
  /** When the first record of the chunk was due: a stall here is latency. */
  #dueAtMs: number | null = null;

  /** Throws a `UsageError` when the configuration makes no sense. */
  constructor(config: GeneratorConfig, options: GeneratorOptions) {
    this.#config = config;
    this.#options = options;
    this.#generator = new VisitGenerator(config);
    this.#writer = new ChunkWriter(new FramePool(), {
      partition: 0,
      chunkBytes: CHUNK_BYTES,
      recordsMax: options.roundRecords,
    });
  }

  /** What has been generated so far. */
  get counts(): Readonly<GeneratedCounts> {
    return this.#generator.counts;
  }

  async open(): Promise<void> {}

  /** Records before `from` are made, and thrown away. */
  begin(_partition: number, from: StartOffset): void {
    this.#from = from === "earliest" ? 0 : from;
    this.#position = this.#from;
  }

  async *events(): AsyncIterable<SourceEvent> {
    yield {
      kind: "assigned",
      partitions: [0],
      restarted: [0],
      topicId: null,
      seat: null,
    };
    const from = this.#from;
    if (from === null) throw new Error("Cannot generate: begin was not called");
    const { count, ratePerSecond } = this.#config;
    const { signal } = this.#stopping;
    const limits = { visits: count, ratePerSecond, signal };
    const feed = new RecordFeed(this.#generator, limits);
    const frame = this.#frame;
    this.#feed = feed;
    for (;;) {
      const offset = this.#generator.counts.records;
      if (!(await feed.fill(frame))) break;
      yield* this.#write(offset, from);
      // What is due at a rate goes out at once, else a chunk is to be full.
      if (!this.isReady) yield* this.#take();
      // No event comes of it, at which others would have their turn.
      if (offset < from) await nextTurn();
    }
    if (signal.aborted) return;
    yield* this.#take();
    yield { kind: "finished", partition: 0 };
  }

  get isReady(): boolean {
    return this.#config.ratePerSecond === null;
  }

  partitions(): readonly PartitionProgress[] {
    const position = this.#from === null ? null : this.#position;
    const isCaughtUp = this.#feed?.isWaiting ?? false;
    return [{ partition: 0, position, endOffset: null, lag: null, isCaughtUp }];
  }

  extent(): InputExtent | null {
    const { count } = this.#config;
    if (count === null || count === 0) return null;
    // Duplicates are records, and come on top of the count.
    return { done: this.counts.visits, total: count };
  }

  stop(): void {
    this.#stopping.abort();
  }

  async close(): Promise<void> {
    this.stop();
  }

  /** Writes the records of the frame, of which the first has this offset. */
  *#write(offset: number, from: number): Iterable<SourceEvent> {
    const frame = this.#frame;
    const record = this.#record;
    const isClock = this.#options.timestamps === "clock";
    const dueAtMs = Math.floor(frame.dueAtMs);
    const first = Math.max(0, from - offset);
    const dueBytes = frame.end + GROWTH_BYTES * frame.count;
    this.#writer.expect(this.isReady ? CHUNK_BYTES : dueBytes);
    for (let index = first; index < frame.count; index++) {
      record.keyStart = frame.keyStart(index);
      record.keyLength = frame.keyLength(index);
      record.valueStart = frame.valueStart(index);
      record.valueLength = frame.valueLength(index);
      record.offset = offset + index;
      record.timestampMs = isClock ? dueAtMs : frame.timeMs(index);
      this.#dueAtMs ??= frame.dueAtMs;
      if (this.#writer.add(record)) continue;
      yield* this.#take();
      this.#dueAtMs = frame.dueAtMs;
      this.#writer.add(record);
    }
  }

  *#take(): Iterable<SourceEvent> {
    const chunk: Chunk | null = this.#writer.take(this.#dueAtMs ?? 0);
    this.#dueAtMs = null;
    if (chunk === null) return;
    yield { kind: "records", chunk };
    this.#position = chunk.endOffset;
  }
}
