import { setImmediate as nextTurn } from "node:timers/promises";
import type { GeneratorConfig } from "../config/config.ts";
import { RecordFeed } from "../generate/record_feed.ts";
import { RecordFrame } from "../generate/record_frame.ts";
import {
  type GeneratedCounts,
  VisitGenerator,
} from "../generate/visit_generator.ts";
import type { RecordBatch, RecordCursor } from "../record/record_batch.ts";
import type { Source, SourceEvent } from "./source.ts";

/** Generated visits, as partition 0 of a topic called "generator". */
export class GeneratorSource implements Source {
  readonly topic = "generator";
  readonly partitionCount = 1;
  readonly #config: GeneratorConfig;
  readonly #generator: VisitGenerator;
  readonly #stopping = new AbortController();
  // As many frames as the pipeline ever holds at a time.
  readonly #freeFrames: RecordFrame[] = [];
  #feed: RecordFeed | null = null;

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

  async *events(): AsyncIterable<SourceEvent> {
    yield { kind: "assigned", partitions: [0], restarted: [0] };
    const { count, ratePerSecond } = this.#config;
    const { signal } = this.#stopping;
    const limits = { visits: count, ratePerSecond, signal };
    this.#feed = new RecordFeed(this.#generator, limits);
    for (;;) {
      // A generator never waits for anything by itself: let others run.
      await nextTurn();
      const frame = this.#freeFrames.pop() ?? new RecordFrame();
      const baseOffset = this.#generator.counts.records;
      if (!(await this.#feed.fill(frame))) break;
      const batch = new FrameBatch(frame, baseOffset, () => {
        this.#freeFrames.push(frame);
      });
      yield { kind: "records", batch };
    }
    if (!signal.aborted) yield { kind: "finished", partition: 0 };
  }

  get isReady(): boolean {
    return this.#config.ratePerSecond === null;
  }

  isCaughtUp(): boolean {
    return this.#feed?.isWaiting ?? false;
  }

  stop(): void {
    this.#stopping.abort();
  }

  async close(): Promise<void> {
    this.stop();
  }
}

class FrameBatch implements RecordBatch {
  readonly partition = 0;
  readonly fetchedAtMs: number;
  readonly byteLength: number;
  readonly #frame: RecordFrame;
  readonly #baseOffset: number;
  readonly #onRelease: () => void;
  #record = 0;
  #isReleased = false;

  constructor(frame: RecordFrame, baseOffset: number, onRelease: () => void) {
    // From the due time on, so that a stall here counts as latency.
    this.fetchedAtMs = frame.dueAtMs;
    this.byteLength = frame.end;
    this.#frame = frame;
    this.#baseOffset = baseOffset;
    this.#onRelease = onRelease;
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
