import { randomUUID } from "node:crypto";
import process from "node:process";
import { Partitioners } from "kafkajs";
import { startKafka } from "../docker/local_kafka/kafka_broker.ts";
import type { KafkaConfig } from "../src/config/config.ts";
import { createKafka } from "../src/kafka/client.ts";
import { prepareOutputTopic } from "../src/kafka/topics.ts";
import { createEncoder } from "../src/sink/create_encoder.ts";
import { KafkaSink } from "../src/sink/kafka_sink.ts";
import type { SessionChunk } from "../src/sink/sink.ts";
import type { FiredSession } from "../src/window/window_store.ts";

// How fast finished sessions get into Kafka: encoded as record batches and
// shipped as they are, against `producer.sendBatch` of stock kafkajs. The same
// broker, topic settings, sessions and order of sizes; encoding is counted
// apart, because the shards do it in their own threads.

const VALUE_BYTES = 1_200;
const SESSIONS_A_WRITE = 800;
const WRITES = 150;
const WRITES_IN_FLIGHT = 4;
const ROUNDS = 3;
const PARTITIONS = 2;

const VALUE = Buffer.from(`{"visit_id": "${"v".repeat(VALUE_BYTES - 16)}"}`);
const BYTES = WRITES * SESSIONS_A_WRITE * VALUE.length;

interface Figures {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function main(): Promise<void> {
  const given = process.env.SESSIONMILL_TEST_BROKERS;
  const broker = given ? null : await startKafka();
  const brokers = [given ?? broker!.brokers];
  const security = {};
  const kafka = { brokers, group: "bench", createTopics: true, security };
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await shipEncoded(kafka);
      report("kafkajs sendBatch", await measure(() => sendStock(kafka)));
    }
  } finally {
    await broker?.stop();
  }
}

async function shipEncoded(kafka: KafkaConfig): Promise<void> {
  const topic = `bench-${randomUUID()}`;
  const options = { topic, partitionCount: PARTITIONS };
  const output = await prepareOutputTopic(kafka, options);
  const sink = new KafkaSink({ topic, kafka, ...output });
  await sink.open();
  const encoder = createEncoder({ format: "kafka", ...output });
  const writes: SessionChunk[][] = [];
  const encoding = await measure(async () => {
    for (let i = 0; i < WRITES; i++) {
      for (let j = 0; j < SESSIONS_A_WRITE; j++) {
        encoder.add(VALUE, VALUE.length, sessionNumber(i * WRITES + j));
      }
      writes.push(encoder.take().map(copied));
    }
  });
  report("encoding, in a shard", encoding);
  const shipping = await measure(() => inFlight((i) => sink.write(writes[i]!)));
  report("shipping, in main", shipping);
  await sink.close();
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
      key: `visit-${i * WRITES + j}`,
      value: VALUE,
      headers: {
        "session-id": `0-${i * WRITES + j}`,
        revision: "0",
        final: "false",
        "close-reason": "gap",
      },
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
  return { wallMs, cpuMs: (user + system) / 1000 };
}

function report(name: string, { wallMs, cpuMs }: Figures): void {
  const megabytesPerSecond = BYTES / 1e3 / wallMs;
  const secondsPerGigabyte = (cpuMs / BYTES) * 1e6;
  process.stdout.write(
    `${name.padEnd(22)}${megabytesPerSecond.toFixed(0).padStart(6)} MB/s` +
      `${secondsPerGigabyte.toFixed(2).padStart(8)} CPU s/GB\n`,
  );
}

function copied(chunk: SessionChunk): SessionChunk {
  return { ...chunk, bytes: new Uint8Array(chunk.bytes) };
}

function sessionNumber(n: number): FiredSession {
  const key = Buffer.from(`visit-${n}`);
  return {
    key,
    keyStart: 0,
    keyLength: key.length,
    keyHash: 0,
    idPartition: 0,
    idOffset: n,
    revision: 0,
    final: false,
    closeReason: "gap",
    supersedes: "",
    endMs: 0,
    visits: 12,
    newVisits: 12,
    causeOffset: -1,
  };
}

await main();
