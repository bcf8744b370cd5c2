import { randomUUID } from "node:crypto";
import process from "node:process";
import { Partitioners } from "kafkajs";
import { startKafka } from "../docker/local_kafka/kafka_broker.ts";
import { WALL_CLOCK } from "../src/clock.ts";
import type { KafkaConfig } from "../src/config/config.ts";
import { createKafka } from "../src/kafka/client.ts";
import { brokerOutage } from "../src/kafka/outage.ts";
import { Sender } from "../src/kafka/sender.ts";
import { prepareOutputTopic } from "../src/kafka/topics.ts";
import { HeaderSection } from "../src/record/header_section.ts";
import { murmur2, partitionOf } from "../src/record/partitioner.ts";
import { RecordBatchWriter } from "../src/record/record_batch_writer.ts";
import { KafkaSink } from "../src/sink/kafka/kafka_sink.ts";
import type { SessionChunk } from "../src/wire/messages.ts";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import { samplesOf } from "./support/compare_reports.ts";
import { print, printTable } from "./support/table.ts";

// How fast finished sessions get into Kafka: record batches, as the shards hand
// them over, shipped as they are, against `producer.sendBatch` of stock kafkajs.
// The same broker, topic settings, sessions and order of sizes.

const VALUE_BYTES = 1_200;
const SESSIONS_A_WRITE = 800;
const WRITES = 150;
const WRITES_IN_FLIGHT = 4;
const PARTITIONS = 2;

const VALUE = Buffer.from(`{"visit_id": "${"v".repeat(VALUE_BYTES - 16)}"}`);
const BYTES = WRITES * SESSIONS_A_WRITE * VALUE.length;

/** What one run took. */
type Figures = Readonly<Record<"MB/s" | "CPU s/GB", number>>;

async function main(): Promise<void> {
  const options = benchOptions(
    "Shipping encoded record batches against `sendBatch` of kafkajs.",
    { rounds: ["3", "runs of each"] },
  );
  const rounds = countOf("rounds", options.rounds);
  const given = process.env.SESSIONMILL_TEST_BROKERS;
  const broker = given ? null : await startKafka();
  const brokers = [given ?? broker!.brokers];
  const security = {};
  const kafka = { brokers, group: "bench", createTopics: true, security };
  const ours: Figures[] = [];
  const stock: Figures[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      ours.push(await shipEncoded(kafka));
      stock.push(await measure(() => sendStock(kafka)));
    }
  } finally {
    await broker?.stop();
  }
  printTable("Runs", [
    ...ours.map((each) => ({ way: "shipping, in main", ...each })),
    ...stock.map((each) => ({ way: "kafkajs sendBatch", ...each })),
  ]);
  const samples = {
    ...samplesOf("shipping", ours),
    ...samplesOf("kafkajs", stock),
  };
  writeReport("sink", { ours, stock }, { ...options, samples });
}

async function shipEncoded(kafka: KafkaConfig): Promise<Figures> {
  const topic = `bench-${randomUUID()}`;
  const options = { topic, partitionCount: PARTITIONS };
  const output = await prepareOutputTopic(kafka, options);
  const outage = brokerOutage(kafka.brokers, {
    clock: WALL_CLOCK,
    warn: print,
  });
  const sender = new Sender({ kafka, outage, warn: print });
  await sender.open();
  const sink = new KafkaSink(sender, { topic, ...output });
  await sink.open();
  const writes = Array.from({ length: WRITES }, (_, i) =>
    encoded(i * SESSIONS_A_WRITE, output.maxRecordBytes),
  );
  const shipping = await measure(() => inFlight((i) => sink.write(writes[i]!)));
  await sink.close();
  await sender.close();
  return shipping;
}

async function sendStock(kafka: KafkaConfig): Promise<void> {
  const topic = `bench-${randomUUID()}`;
  await prepareOutputTopic(kafka, { topic, partitionCount: PARTITIONS });
  const producer = createKafka(kafka).producer({
    idempotent: true,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  await inFlight(async (i) => {
    const messages = Array.from({ length: SESSIONS_A_WRITE }, (_, j) => ({
      key: `visit-${i * SESSIONS_A_WRITE + j}`,
      value: VALUE,
      headers: metadataOf(i * SESSIONS_A_WRITE + j),
    }));
    await producer.sendBatch({ topicMessages: [{ topic, messages }] });
  });
  await producer.disconnect();
}

/** Runs `WRITES` writes, of which a few are on their way at a time. */
async function inFlight(write: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < WRITES) await write(next++);
  };
  await Promise.all(Array.from({ length: WRITES_IN_FLIGHT }, lane));
}

async function measure(work: () => Promise<void>): Promise<Figures> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  return {
    "MB/s": BYTES / 1e3 / wallMs,
    "CPU s/GB": (cpuSeconds / BYTES) * 1e9,
  };
}

/** The batches of the sessions of one write. */
function encoded(first: number, maxRecordBytes: number): SessionChunk[] {
  const writers = Array.from(
    { length: PARTITIONS },
    () => new RecordBatchWriter(maxRecordBytes),
  );
  for (let n = first; n < first + SESSIONS_A_WRITE; n++) {
    const key = Buffer.from(`visit-${n}`);
    const headers = headersOf(n);
    const hash = murmur2(key, 0, key.length);
    writers[partitionOf(hash, PARTITIONS)]!.add({
      ...{ key, keyStart: 0, keyLength: key.length },
      ...{ value: VALUE, valueStart: 0, valueLength: VALUE.length },
      ...{ headers: headers.bytes, headersLength: headers.byteLength },
    });
  }
  return writers.flatMap((writer, partition) =>
    writer.take().map(({ bytes, count }) => ({ partition, count, bytes })),
  );
}

function headersOf(n: number): HeaderSection {
  const headers = new HeaderSection();
  headers.clear();
  for (const [name, value] of Object.entries(metadataOf(n))) {
    headers.add(name, value);
  }
  return headers;
}

function metadataOf(n: number): Record<string, string> {
  const id = { "session-id": `0-${n}`, revision: "0" };
  return { ...id, final: "false", "close-reason": "gap" };
}

await runBench(main);
