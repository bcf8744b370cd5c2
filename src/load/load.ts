import { setImmediate as nextTurn } from "node:timers/promises";
import { DEFAULT_GENERATOR } from "../config/generator_defaults.ts";
import { messageOf } from "../errors.ts";
import { KafkaRecordSink } from "../generate/kafka_record_sink.ts";
import { RecordFeed } from "../generate/record_feed.ts";
import { RecordFrame } from "../generate/record_frame.ts";
import { VisitGenerator } from "../generate/visit_generator.ts";
import { DueClock } from "./due_clock.ts";
import type { JobClient } from "./job_client.ts";
import { LOAD_MARK } from "./load_mark.ts";
import {
  activeVisitors,
  type JobRules,
  type LoadHooks,
  type LoadPlan,
} from "./load_plan.ts";
import type { RateReport } from "./load_report.ts";
import type { LoadStop } from "./load_stop.ts";
import { RateMeter } from "./rate_meter.ts";
import { RateRun } from "./rate_run.ts";
import { SessionReader } from "./session_reader.ts";
import { TopicGrowth } from "./topic_growth.ts";
import type { TopicState } from "./topic_state.ts";

/** A rate that takes so much longer than it should is broken off, ms. */
const LATE_MAX_MS = 10_000;

/** What a load is found to need, beside its plan. */
export interface LoadParts {
  readonly hooks: LoadHooks;
  readonly stop: LoadStop;
  readonly job: JobClient | null;
  readonly rules: JobRules;
  readonly topics: TopicState;
  readonly startTimeMs: number;
}

/** What all rates have together: event time goes on from one to the next. */
export class Load {
  readonly #plan: LoadPlan;
  readonly #parts: LoadParts;
  readonly #generator: VisitGenerator;
  readonly #sink: KafkaRecordSink;
  #clock = new DueClock(0);
  #reader: SessionReader | null = null;
  #growth: TopicGrowth | null = null;
  #meter: RateMeter | null = null;
  /** Records of others that came in the rates before. */
  #foreignBefore = 0;

  constructor(plan: LoadPlan, parts: LoadParts) {
    this.#plan = plan;
    this.#parts = parts;
    const { kafka, visitsTopic, seed } = plan;
    const { startTimeMs, stop, hooks } = parts;
    const active = activeVisitors(plan);
    const visits = { ...DEFAULT_GENERATOR, seed, active, startTimeMs };
    this.#generator = new VisitGenerator(visits, LOAD_MARK);
    this.#sink = new KafkaRecordSink(visitsTopic, {
      kafka,
      existingFile: "refuse",
      signal: stop.signal,
      warn: hooks.warn,
    });
  }

  /** What it was found to need. */
  get parts(): LoadParts {
    return this.#parts;
  }

  /** Throws a `WorldError`. */
  async open(): Promise<void> {
    const { kafka, sessionsTopic, visitsTopic } = this.#plan;
    const { rules, stop, topics } = this.#parts;
    const closesAfterMs = rules.gapMs + rules.outOfOrdernessMs;
    await this.#sink.open();
    this.#clock = new DueClock(this.#sink.partitionCount);
    this.#growth = await TopicGrowth.open({
      ...{ kafka, topic: visitsTopic, endOffsets: topics.endOffsets },
      made: () => this.#generator.counts.visits,
    });
    const { visitIdPrefix } = this.#generator;
    this.#reader = await SessionReader.open(
      { kafka, topic: sessionsTopic, visitIdPrefix },
      {
        signal: stop.signal,
        onArrival: (arrival) => {
          const closesAtMs = arrival.lastVisitMs + closesAfterMs;
          const dueMs = this.#clock.dueAtMs(closesAtMs);
          if (dueMs !== null) this.#meter?.session(dueMs, arrival);
        },
      },
    );
  }

  /** Records that others have written to the topic since it was looked at. */
  async foreignRecords(): Promise<number> {
    return await this.#growth!.foreignRecords();
  }

  /**
   * Sends the visits of a rate, and waits for their sessions. Null when it was
   * stopped before anything was measured.
   */
  async run(rate: number): Promise<RateReport | null> {
    const { hooks, job, topics, stop } = this.#parts;
    const { warmUpMs, durationMs, isAmongOthers } = this.#plan;
    const generator = this.#generator;
    const made = generator.counts.visits;
    const totalMs = warmUpMs + durationMs;
    const gaveUp = AbortSignal.timeout(totalMs + LATE_MAX_MS);
    const feed = new RecordFeed(generator, {
      visits: made + Math.ceil((rate * totalMs) / 1000),
      ratePerSecond: rate,
      signal: AbortSignal.any([stop.signal, gaveUp]),
    });
    const { startMs } = feed;
    const meter = new RateMeter(rate, { startMs, warmUpMs });
    const { dueTimes } = meter;
    this.#meter = meter;
    const run = new RateRun(this.#plan, {
      ...{ rate, meter, hooks, stop, job, stamp: topics.stamp },
      reader: this.#reader!,
      foreignRecords: () => this.#newForeignRecords(),
    });
    const endWatch = isAmongOthers
      ? () => {}
      : this.#growth!.watch(() => stop.othersCame());
    await run.begin();
    try {
      const frame = new RecordFrame();
      while (await feed.fill(frame)) {
        const firstVisit = generator.counts.visits - made - frame.count;
        this.#clock.take(frame, { dueTimes, firstVisit });
        await this.#sink.write(frame, meter.visits(firstVisit, frame.count));
        run.check();
        // Answers and timers must have their turn, however late the load is.
        await nextTurn();
      }
      await this.#sink.drained();
      const isBroken = stop.signal.aborted && !meter.hasMeasured;
      return isBroken ? null : await run.end();
    } finally {
      endWatch();
      await run.close();
    }
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    await this.#growth?.close();
    await this.#sink.close().catch(() => {});
  }

  /** Those that came in this rate; null when the brokers do not say. */
  async #newForeignRecords(): Promise<number | null> {
    try {
      const records = await this.foreignRecords();
      const before = this.#foreignBefore;
      this.#foreignBefore = records;
      return records - before;
    } catch (error) {
      this.#parts.hooks.warn(
        `Cannot tell whether others write to topic "${this.#plan.visitsTopic}": ${messageOf(error)}`,
      );
      return null;
    }
  }
}
