import type { KafkaConfig } from "../config/config.ts";
import { type Chunk, placeOf } from "../record/chunk.ts";
import { readHeaders } from "../record/record_headers.ts";
import { RecordWalker } from "../record/record_walker.ts";
import { KafkaSource } from "../source/kafka/kafka_source.ts";

/** Answers of brokers that are held at a time. */
const FRAMES_MAX = 4;
/** How often new partitions are looked for, ms. */
const METADATA_INTERVAL_MS = 10_000;
const SESSION_TIMEOUT_MS = 10_000;
/** How often it is looked whether all that is there has come, ms. */
const CAUGHT_UP_MS = 200;

/** What to follow, and who hears of troubles. */
export interface FollowOptions {
  readonly kafka: KafkaConfig;
  readonly topic: string;
  /** From the first record there is, or from what comes from now on. */
  readonly from: "earliest" | "latest";
  readonly signal: AbortSignal;
  /** Called when the partitions are known: what comes from here on is read. */
  readonly onBegin: () => void;
  /** Called when all that was there has been taken; what it throws ends it. */
  readonly onCaughtUp?: () => void;
  readonly log: { info(text: string): void; warn(text: string): void };
}

/** A record of a topic, copied. */
export interface FollowedRecord {
  readonly partition: number;
  readonly offset: number;
  /** ms since 1970; -1 when it has none. */
  readonly timestampMs: number;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The committed records of a topic as they come, of all its partitions, outside of
 * any group. Ends after an abort. Throws a `WorldError` when it cannot be read.
 */
export async function* followTopic(
  options: FollowOptions,
): AsyncGenerator<FollowedRecord[]> {
  const { kafka, topic, from, signal, onBegin, onCaughtUp, log } = options;
  const source = new KafkaSource({
    ...{ topic, kafka, bounded: false, readsAll: true },
    source: {
      ...{ createSource: false, onNewTopic: "stop", instance: null },
      metadataIntervalMs: METADATA_INTERVAL_MS,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
    },
    ...{ framesMax: FRAMES_MAX, logger: log },
  });
  const stop = () => source.stop();
  const watch = new EndWatch(source, onCaughtUp ?? (() => {}));
  signal.addEventListener("abort", stop);
  try {
    await source.open();
    if (signal.aborted) return;
    const walker = new RecordWalker();
    let hasBegun = false;
    for await (const event of source.events()) {
      if (event.kind === "assigned") {
        // What is added later is new from its start.
        for (const each of event.restarted) {
          source.begin(each, hasBegun ? "earliest" : from);
        }
        if (!hasBegun) onBegin();
        hasBegun = true;
      } else if (event.kind === "records") {
        yield recordsOf(walker, event.chunk, topic);
      }
    }
    watch.assertGoesOn();
  } finally {
    watch.close();
    signal.removeEventListener("abort", stop);
    await source.close();
  }
}

/** Waits until all that a topic has is taken, and tells so once. */
class EndWatch {
  readonly #timer: NodeJS.Timeout;
  #failure: unknown = null;

  constructor(source: KafkaSource, onCaughtUp: () => void) {
    this.#timer = setInterval(() => {
      const partitions = source.partitions();
      if (partitions.length === 0) return;
      if (!partitions.every(({ isCaughtUp }) => isCaughtUp)) return;
      this.close();
      try {
        onCaughtUp();
      } catch (error) {
        this.#failure = error;
        source.stop();
      }
    }, CAUGHT_UP_MS);
  }

  /** Throws what the one who was told has thrown. */
  assertGoesOn(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** Copies the records and releases the chunk. */
function recordsOf(
  walker: RecordWalker,
  chunk: Chunk,
  topic: string,
): FollowedRecord[] {
  const records: FollowedRecord[] = [];
  try {
    walker.open(placeOf(chunk, topic));
    while (walker.next()) {
      const { record, bytes, offset, timestampMs } = walker;
      const { valueStart, valueLength, end } = record;
      const at = valueStart + Math.max(0, valueLength);
      const value =
        valueLength < 0 ? null : bytes.toString("utf8", valueStart, at);
      const headers = readHeaders(bytes, { at, end });
      const { partition } = chunk;
      records.push({ partition, offset, timestampMs, value, headers });
    }
  } finally {
    chunk.release();
  }
  return records;
}
