import { setImmediate as nextTurn } from "node:timers/promises";
import type { GeneratorConfig } from "../config/config.ts";
import { RecordFeed } from "../generate/record_feed.ts";
import { RecordFrame } from "../generate/record_frame.ts";
import {
  type GeneratedCounts,
  VisitGenerator,
} from "../generate/visit_generator.ts";
import type { RecordBatch, RecordCursor } from "../record/record_batch.ts";
import type {
  PartitionProgress,
  Source,
  SourceEvent,
  StartOffset,
} from "./source.ts";

/** Generated visits, as partition 0 of a topic called "generator". */
export class GeneratorSource implements Source {
  readonly topic = "generator";
  readonly partitionCount = 1;
  readonly goneRecords = 0;
  readonly #config: GeneratorConfig;
  readonly #generator: VisitGenerator;
  readonly #stopping = new AbortController();
  // As many frames as the pipeline ever holds at a time.
  readonly #freeFrames: RecordFrame[] = [];
  #feed: RecordFeed | null = null;
  /** Number of the first record wanted; null before `begin`. */
  #from: number | null = null;
  #position = 0;

  /** Throws a `UsageError` when the configuration makes no sense. */
  constructor(config: GeneratorConfig) {
    this.#config = config;
    this.#generator = new VisitGenerator(config);
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
    };
    const from = this.#from;
    if (from === null) throw new Error("Cannot generate: begin was not called");
    const { count, ratePerSecond } = this.#config;
    const { signal } = this.#stopping;
    const limits = { visits: count, ratePerSecond, signal };
    this.#feed = new RecordFeed(this.#generator, limits);
    for (;;) {
      const frame = this.#freeFrames.pop() ?? new RecordFrame();
      const baseOffset = this.#generator.counts.records;
      if (!(await this.#feed.fill(frame))) break;
      const skip = from - baseOffset;
      if (skip >= frame.count) {
        this.#freeFrames.push(frame);
        // No event comes of it, at which others would have their turn.
        await nextTurn();
        continue;
      }
      const batch = new FrameBatch(frame, {
        baseOffset,
        firstRecord: Math.max(0, skip),
        onRelease: () => this.#freeFrames.push(frame),
      });
      const nextOffset = baseOffset + frame.count;
      yield { kind: "records", batch };
      this.#position = nextOffset;
    }
    if (!signal.aborted) yield { kind: "finished", partition: 0 };
  }

  get isReady(): boolean {
    return this.#config.ratePerSecond === null;
  }

  partitions(): readonly PartitionProgress[] {
    const position = this.#from === null ? null : this.#position;
    const isCaughtUp = this.#feed?.isWaiting ?? false;
    return [{ partition: 0, position, endOffset: null, lag: null, isCaughtUp }];
  }

  stop(): void {
    this.#stopping.abort();
  }

  async close(): Promise<void> {
    this.stop();
  }
}

interface FrameBatchOptions {
  /** Offset of the frame's first record. */
  readonly baseOffset: number;
  /** The first record of the frame that is wanted. */
  readonly firstRecord: number;
  readonly onRelease: () => void;
}

class FrameBatch implements RecordBatch {
  readonly partition = 0;
  readonly fetchedAtMs: number;
  readonly byteLength: number;
  readonly #frame: RecordFrame;
  readonly #baseOffset: number;
  readonly #onRelease: () => void;
  #record: number;
  #isReleased = false;

  constructor(frame: RecordFrame, options: FrameBatchOptions) {
    // From the due time on, so that a stall here counts as latency.
    this.fetchedAtMs = frame.dueAtMs;
    this.byteLength = frame.end;
    this.#frame = frame;
    this.#baseOffset = options.baseOffset;
    this.#record = options.firstRecord;
    this.#onRelease = options.onRelease;
  }

  next(cursor: RecordCursor): boolean {
    const frame = this.#frame;
    const record = this.#record;
    if (record === frame.count) return false;
    this.#record++;
    cursor.bytes = frame.bytes;
    cursor.keyStart = frame.keyStart(record);
    cursor.keyLength = frame.keyLength(record);
    cursor.valueStart = frame.valueStart(record);
    cursor.valueLength = frame.valueLength(record);
    cursor.offset = this.#baseOffset + record;
    cursor.timestampMs = Math.floor(this.fetchedAtMs);
    cursor.recordStart = -1;
    cursor.base.offset = this.#baseOffset;
    cursor.base.timeMs = cursor.timestampMs;
    return true;
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#onRelease();
  }
}
