import { setImmediate as nextTurn } from "node:timers/promises";
import { DEFAULT_GENERATOR } from "../config/generator_defaults.ts";
import { formatPlace } from "../config/place_types.ts";
import { UsageError, WorldError } from "../errors.ts";
import { KafkaRecordSink } from "../generate/kafka_record_sink.ts";
import { RecordFeed } from "../generate/record_feed.ts";
import { RecordFrame } from "../generate/record_frame.ts";
import { VisitGenerator } from "../generate/visit_generator.ts";
import { thisMachine } from "../observe/machine.ts";
import { DueClock } from "./due_clock.ts";
import { JobClient, type JobState } from "./job_client.ts";
import {
  activeVisitors,
  type JobRules,
  type LoadHooks,
  type LoadPlan,
} from "./load_plan.ts";
import type { LoadReport, RateReport } from "./load_report.ts";
import { RateMeter } from "./rate_meter.ts";
import { RateRun, refuseFilesOf } from "./rate_run.ts";
import { SessionReader } from "./session_reader.ts";
import { startTimeBehind } from "./start_time.ts";
import { lookAtTopics, type TopicState } from "./topic_state.ts";

/** A rate that takes so much longer than it should is broken off, ms. */
const LATE_MAX_MS = 10_000;

/**
 * Loads a job that runs already, at one rate after the other, and measures from
 * when each visit was due. The load is open: visits are due at fixed times,
 * whatever became of those before. Throws a `WorldError` or `UsageError` where a
 * topic, a job or a process is not as it must be.
 */
export async function runLoad(
  plan: LoadPlan,
  hooks: LoadHooks,
): Promise<LoadReport> {
  refuseFilesOf(plan);
  const { admin } = plan;
  const job = admin === null ? null : new JobClient(admin.url, admin.token);
  const state = job === null ? null : await job.state();
  const rules = state === null ? plan.rules : rulesOf(plan, state);
  const topics = await lookAtTopics({ ...plan, warn: hooks.warn });
  refuseOthers(plan, topics);
  const clocks = (state?.partitions ?? []).map(({ clockMs }) => clockMs);
  const startTimeMs =
    plan.startTimeMs ?? startTimeBehind([topics.clockMs, ...clocks], rules);
  const load = new Load(plan, { hooks, job, rules, topics, startTimeMs });
  try {
    await load.open();
    const rates: RateReport[] = [];
    for (const rate of plan.rates) {
      if (hooks.signal.aborted) break;
      rates.push(await load.run(rate));
    }
    const { visitsTopic, sessionsTopic, durationMs, warmUpMs, seed } = plan;
    return {
      plan: { visitsTopic, sessionsTopic, durationMs, warmUpMs, seed },
      machine: thisMachine(),
      active: activeVisitors(plan),
      startTimeMs,
      stamp: topics.stamp,
      rates,
    };
  } finally {
    await load.close();
  }
}

/** What a load is found to need, beside its plan. */
interface LoadParts {
  readonly hooks: LoadHooks;
  readonly job: JobClient | null;
  readonly rules: JobRules;
  readonly topics: TopicState;
  readonly startTimeMs: number;
}

/** What all rates have together: event time goes on from one to the next. */
class Load {
  readonly #plan: LoadPlan;
  readonly #parts: LoadParts;
  readonly #generator: VisitGenerator;
  readonly #sink: KafkaRecordSink;
  #clock = new DueClock(0);
  #reader: SessionReader | null = null;
  #meter: RateMeter | null = null;

  constructor(plan: LoadPlan, parts: LoadParts) {
    this.#plan = plan;
    this.#parts = parts;
    const { kafka, visitsTopic } = plan;
    const { signal, warn } = parts.hooks;
    this.#generator = new VisitGenerator(this.#generatorConfig());
    this.#sink = new KafkaRecordSink(visitsTopic, {
      kafka,
      existingFile: "refuse",
      signal,
      warn,
    });
  }

  async open(): Promise<void> {
    const { kafka, sessionsTopic: topic } = this.#plan;
    const { gapMs, outOfOrdernessMs } = this.#parts.rules;
    await this.#sink.open();
    this.#clock = new DueClock(this.#sink.partitionCount);
    const data = { kafka, topic, visitIdPrefix: this.#visitIdPrefix() };
    this.#reader = await SessionReader.open(data, (arrival) => {
      const closesAtMs = arrival.lastVisitMs + gapMs + outOfOrdernessMs;
      const dueMs = this.#clock.dueAtMs(closesAtMs);
      if (dueMs !== null) this.#meter?.session(dueMs, arrival);
    });
  }

  /** Sends the visits of a rate, and waits for their sessions. */
  async run(rate: number): Promise<RateReport> {
    const { hooks, job, topics } = this.#parts;
    const { warmUpMs, durationMs } = this.#plan;
    const generator = this.#generator;
    const made = generator.counts.visits;
    const totalMs = warmUpMs + durationMs;
    const gaveUp = AbortSignal.timeout(totalMs + LATE_MAX_MS);
    const feed = new RecordFeed(generator, {
      visits: made + Math.ceil((rate * totalMs) / 1000),
      ratePerSecond: rate,
      signal: AbortSignal.any([hooks.signal, gaveUp]),
    });
    const { startMs } = feed;
    const meter = new RateMeter(rate, { startMs, warmUpMs });
    const { dueTimes } = meter;
    this.#meter = meter;
    const parts = { rate, meter, hooks, job, stamp: topics.stamp };
    const run = new RateRun(this.#plan, { ...parts, reader: this.#reader! });
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
      return await run.end();
    } finally {
      await run.close();
    }
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    await this.#sink.close().catch(() => {});
  }

  #generatorConfig() {
    const { seed } = this.#plan;
    const { startTimeMs } = this.#parts;
    const active = activeVisitors(this.#plan);
    return { ...DEFAULT_GENERATOR, seed, active, startTimeMs };
  }

  /** All visit_ids of a seed begin with the same number. */
  #visitIdPrefix(): string {
    const frame = new RecordFrame();
    const generator = new VisitGenerator(this.#generatorConfig());
    generator.fill(frame, { visits: 1, records: 1 });
    const start = frame.keyStart(0);
    const key = frame.bytes.toString(
      "latin1",
      start,
      start + frame.keyLength(0),
    );
    return key.slice(0, key.indexOf("_") + 1);
  }
}

/** The rules of the job itself, which must be the one that these topics are of. */
function rulesOf(plan: LoadPlan, { job, isReady, phase }: JobState): JobRules {
  const { visitsTopic, sessionsTopic } = plan;
  const wanted = [
    ["reads", job.from, formatPlace({ kind: "kafka", topic: visitsTopic })],
    ["writes", job.to, formatPlace({ kind: "kafka", topic: sessionsTopic })],
  ] as const;
  for (const [does, has, expected] of wanted) {
    if (has === expected) continue;
    throw new UsageError(
      `Cannot load: the job at ${plan.admin!.url} ${does} ${has}, expected ${expected}, as --to and --sessions say`,
    );
  }
  if (isReady) return job;
  throw new WorldError(
    `Cannot load: the job at ${plan.admin!.url} is ${phase}, expected one that is ready`,
  );
}

function refuseOthers(plan: LoadPlan, { foreignVisitId }: TopicState): void {
  if (foreignVisitId === null || plan.isAmongOthers) return;
  throw new UsageError(
    `Cannot load: topic "${plan.visitsTopic}" holds visits of others, such as of ${JSON.stringify(foreignVisitId)}; ` +
      "a load moves the job's clock by hours, and theirs would be late: take a topic and a job of their own, or pass --among-others",
  );
}
