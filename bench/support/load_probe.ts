import { wallClockMs } from "../../src/clock.ts";
import { DEFAULT_GENERATOR } from "../../src/config/generator_defaults.ts";
import { KafkaRecordSink } from "../../src/generate/kafka_record_sink.ts";
import { RecordFeed } from "../../src/generate/record_feed.ts";
import { RecordFrame } from "../../src/generate/record_frame.ts";
import { VisitGenerator } from "../../src/generate/visit_generator.ts";
import { configOf } from "./read_sessions.ts";

// A process of its own: sends visits at a fixed rate as `sessionmill generate`
// does, and prints when its schedule began. No topic could tell: all records
// of a batch bear the time at which it was sent, and not when they were due.
// Arguments: brokers, topic, visits a second, number of visits.

/** What a load was; also the line of JSON that this process prints. */
export interface Load {
  /** When the first visit was due. */
  readonly startMs: number;
  readonly visits: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

async function main(): Promise<void> {
  const [brokers = "", topic = "", rate = "", count = ""] =
    process.argv.slice(2);
  const sink = new KafkaRecordSink(topic, {
    kafka: configOf(brokers),
    existingFile: "refuse",
    signal: new AbortController().signal,
    warn: (text) => process.stderr.write(`${text}\n`),
  });
  await sink.open();
  const generator = new VisitGenerator(DEFAULT_GENERATOR);
  const frame = new RecordFrame();
  const { signal } = new AbortController();
  const cpuBefore = process.cpuUsage();
  const limits = { visits: Number(count), ratePerSecond: Number(rate), signal };
  const feed = new RecordFeed(generator, limits);
  let startMs = Number.NaN;
  while (await feed.fill(frame)) {
    if (Number.isNaN(startMs)) startMs = frame.dueAtMs;
    await sink.write(frame);
  }
  await sink.close();
  const { user, system } = process.cpuUsage(cpuBefore);
  const load: Load = {
    startMs,
    visits: generator.counts.visits,
    seconds: (wallClockMs() - startMs) / 1000,
    cpuSeconds: (user + system) / 1e6,
  };
  process.stdout.write(`${JSON.stringify(load)}\n`);
}

if (import.meta.main) await main();
