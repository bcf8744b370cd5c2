import { DEFAULT_GENERATOR } from "../../src/generate/generator_defaults.ts";
import { KafkaRecordSink } from "../../src/generate/kafka_record_sink.ts";
import { RecordFeed } from "../../src/generate/record_feed.ts";

import { RecordFrame } from "../../src/generate/record_frame.ts";
import { VisitGenerator } from "../../src/generate/visit_generator.ts";
import { murmur2, partitionOf } from "../../src/kafka/partitioner.ts";
import { wallClockMs } from "../../src/wall_clock.ts";
import { PARTITIONS } from "./bench_broker.ts";
import { configOf } from "./read_sessions.ts";

// A process of its own: sends visits at a fixed rate, and prints when the
// clock of each partition should have reached each second of event time.
// Arguments: brokers, topic, visits a second, number of visits.

/** What a load was; also the line of JSON that this process prints. */
export interface Load {
  readonly startMs: number;
  readonly visits: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** By partition: event time, ms, and when its first visit was due, ms. */
  readonly steps: readonly (readonly [number, number][])[];
}

const TIME_KEY = '"event_time": "';
const TIME_LENGTH = "2024-06-01T00:00:00+00:00".length;

/** Notes the first visit of each second of event time, by partition. */
class StepLog {
  readonly steps: [number, number][][] = Array.from(
    { length: PARTITIONS },
    () => [],
  );
  readonly #pauseMs: number;

  constructor(ratePerSecond: number) {
    this.#pauseMs = 1000 / ratePerSecond;
  }

  add(frame: RecordFrame): void {
    for (let record = 0; record < frame.count; record++) {
      const start = frame.keyStart(record);
      const hash = murmur2(frame.bytes, start, frame.keyLength(record));
      const steps = this.steps[partitionOf(hash, PARTITIONS)]!;
      const at = frame.bytes.indexOf(TIME_KEY, frame.valueStart(record));
      const from = at + TIME_KEY.length;
      const text = frame.bytes.toString("latin1", from, from + TIME_LENGTH);
      const eventMs = Date.parse(text);
      if (eventMs <= (steps.at(-1)?.[0] ?? 0)) continue;
      steps.push([eventMs, frame.dueAtMs + record * this.#pauseMs]);
    }
  }
}

async function main(): Promise<void> {
  const [brokers = "", topic = "", rate = "", count = ""] =
    process.argv.slice(2);
  const ratePerSecond = Number(rate);
  const generator = new VisitGenerator(DEFAULT_GENERATOR);
  const sink = new KafkaRecordSink(configOf(brokers), topic);
  await sink.open();
  const log = new StepLog(ratePerSecond);
  const frame = new RecordFrame();
  const { signal } = new AbortController();
  const cpuBefore = process.cpuUsage();
  const startMs = wallClockMs();
  const limits = { visits: Number(count), ratePerSecond, signal };
  const feed = new RecordFeed(generator, limits);
  while (await feed.fill(frame)) {
    log.add(frame);
    await sink.write(frame);
  }
  await sink.close();
  const { user, system } = process.cpuUsage(cpuBefore);
  const load: Load = {
    startMs,
    visits: generator.counts.visits,
    seconds: (wallClockMs() - startMs) / 1000,
    cpuSeconds: (user + system) / 1e6,
    steps: log.steps,
  };
  process.stdout.write(`${JSON.stringify(load)}\n`);
}

if (import.meta.main) await main();
