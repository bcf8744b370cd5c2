import { setImmediate as nextTurn } from "node:timers/promises";
import { wallClockMs } from "../clock.ts";
import type {
  ExistingFile,
  GeneratorConfig,
  KafkaConfig,
  SinkSpec,
} from "../config/config.ts";
import { checkMembers } from "../config/members.ts";
import { GENERATE_RULES, KAFKA_RULES } from "../config/run_rules.ts";
import { ReaderGoneError } from "../errors.ts";
import { createRecordSink } from "./create_record_sink.ts";
import { Random } from "./random.ts";
import { pause, RecordFeed } from "./record_feed.ts";
import { RecordFrame } from "./record_frame.ts";
import type { RecordSink } from "./record_sink.ts";
import { ONE_SHOT, type Schedule } from "./schedule.ts";
import { type GeneratedCounts, VisitGenerator } from "./visit_generator.ts";

const MS_PER_SECOND = 1000;

/** What `sessionmill generate` is to do. */
export interface GenerateOptions {
  /** `count` and `ratePerSecond` are those of each run. */
  readonly generator: GeneratorConfig;
  readonly to: SinkSpec;
  /** Used only when `to` is a topic. */
  readonly kafka: KafkaConfig;
  /** What becomes of a file that exists, when `to` is one; default: refuse. */
  readonly existingFile?: ExistingFile;
  /** Ends the work early, and cleanly. */
  readonly signal: AbortSignal;
  /** Default: one run. */
  readonly schedule?: Schedule;
  /** Told after each frame what has been made so far. */
  readonly onProgress?: (counts: Readonly<GeneratedCounts>) => void;
  /** Takes what there is to say while the work goes on. */
  readonly warn?: (text: string) => void;
}

/** What was generated. */
export interface GenerateSummary extends Readonly<GeneratedCounts> {
  /** Bytes of all values, and a line feed for each. */
  readonly byteLength: number;
  readonly elapsedMs: number;
}

/**
 * Generates records into a sink until all runs are done, the signal is aborted
 * or the reader of stdout has gone away. Throws a `WorldError` when the sink
 * fails, a `UsageError` for options that cannot be, or percentages that do not fit together.
 */
export async function runGenerate(
  options: GenerateOptions,
): Promise<GenerateSummary> {
  checkMembers("generate", options, GENERATE_RULES);
  if (options.to.kind === "kafka") {
    checkMembers("generate", options, KAFKA_RULES);
  }
  const startMs = wallClockMs();
  const generator = new VisitGenerator(options.generator);
  const sink = await createRecordSink(options.to, {
    existingFile: "refuse",
    warn: () => {},
    ...options,
  });
  let byteLength = 0;
  try {
    await sink.open();
    for await (const frame of frames(generator, options)) {
      byteLength += frame.end;
      await sink.write(frame);
      options.onProgress?.(generator.counts);
    }
    await sink.close();
  } catch (error) {
    if (!(error instanceof ReaderGoneError)) {
      await closeQuietly(sink);
      throw error;
    }
  }
  const elapsedMs = wallClockMs() - startMs;
  return { ...generator.counts, byteLength, elapsedMs };
}

/** All frames of all runs, one object that is filled again and again. */
async function* frames(
  generator: VisitGenerator,
  options: GenerateOptions,
): AsyncGenerator<RecordFrame> {
  const { schedule = ONE_SHOT, signal } = options;
  const { count, ratePerSecond, seed } = options.generator;
  const random = new Random(seed);
  const frame = new RecordFrame();
  const runs = schedule.runs ?? Number.POSITIVE_INFINITY;
  for (let run = 1; run <= runs && !signal.aborted; run++) {
    if (run > 1 && schedule.pauseSeconds !== null) {
      const { from, to } = schedule.pauseSeconds;
      await pause(random.between(from, to) * MS_PER_SECOND, signal);
    }
    const visits = count === null ? null : count * run;
    const feed = new RecordFeed(generator, { visits, ratePerSecond, signal });
    // Signals and timers must have their turn, however quick the sink is.
    for (await nextTurn(); await feed.fill(frame); await nextTurn()) {
      yield frame;
    }
  }
}

/** Closes after a failure, which is what the user must hear of. */
async function closeQuietly(sink: RecordSink): Promise<void> {
  try {
    await sink.close();
  } catch {
    // The failure that came first says more.
  }
}
