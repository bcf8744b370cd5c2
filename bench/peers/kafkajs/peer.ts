import { randomUUID } from "node:crypto";
import process from "node:process";
import {
  type EachMessagePayload,
  Kafka,
  logLevel,
  Partitioners,
} from "kafkajs";
import { peakRssBytesOf } from "../../support/process_clock.ts";
import { type Output, Sessions, type Visit } from "./sessions.ts";

// The sessions of one bounded topic into another, the way that a Node user
// would write it: eachMessage, JSON.parse, one Map.
// Arguments: brokers, input topic, output topic. Prints one line of JSON.

const OUT_OF_ORDERNESS_MS = 20 * 60_000;
/** The Map is gone through once for each such step of the watermark. */
const SWEEP_MS = 60_000;
/** kafkajs makes one batch a partition of it, which the broker may refuse. */
const SENT_TOGETHER = 500;

const [brokers = "", inTopic = "", outTopic = ""] = process.argv.slice(2);
const kafka = new Kafka({
  brokers: brokers.split(","),
  logLevel: logLevel.ERROR,
});
const producer = kafka.producer({
  createPartitioner: Partitioners.DefaultPartitioner,
});
const consumer = kafka.consumer({ groupId: `peer-${randomUUID()}` });
const sessions = new Sessions();
const ends = await endOffsets();
const clocks = [...ends.keys()].map(() => Number.NEGATIVE_INFINITY);
let watermarkMs = Number.NEGATIVE_INFINITY;
let visits = 0;
let startedAt = 0;
let cpuAtStart = process.cpuUsage();
let finish: () => void = () => {};

/** The offset behind the last record, by partition. */
async function endOffsets(): Promise<Map<number, number>> {
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(inTopic);
  await admin.disconnect();
  const entries = offsets.map((each) => [each.partition, Number(each.high)]);
  return new Map(entries as [number, number][]);
}

async function eachMessage(payload: EachMessagePayload): Promise<void> {
  const { partition, message } = payload;
  const end = ends.get(partition)!;
  if (Number(message.offset) >= end) return;
  if (visits++ === 0) {
    startedAt = performance.now();
    cpuAtStart = process.cpuUsage();
  }
  const out: Output[] = [];
  const visit = JSON.parse(message.value!.toString()) as Visit;
  sessions.add(visit, watermarkMs, out);
  const eventMs = Math.floor(Date.parse(visit.event_time) / 1000) * 1000;
  clocks[partition] = Math.max(clocks[partition]!, eventMs);
  if (Number(message.offset) === end - 1) {
    clocks[partition] = Number.POSITIVE_INFINITY;
  }
  advance(out);
  await send(out);
  if (watermarkMs === Number.POSITIVE_INFINITY) finish();
}

function advance(out: Output[]): void {
  const mergedMs = Math.min(...clocks) - OUT_OF_ORDERNESS_MS - 1;
  if (mergedMs === Number.NEGATIVE_INFINITY) return;
  if (mergedMs < watermarkMs + SWEEP_MS) return;
  watermarkMs = mergedMs;
  sessions.advanceTo(watermarkMs, out);
}

async function send(all: Output[]): Promise<void> {
  for (let from = 0; from < all.length; from += SENT_TOGETHER) {
    const messages = all.slice(from, from + SENT_TOGETHER);
    await producer.send({ topic: outTopic, messages });
  }
}

for (const [partition, end] of ends) {
  if (end === 0) clocks[partition] = Number.POSITIVE_INFINITY;
}
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics: [inTopic], fromBeginning: true });
const isFinished = new Promise<void>((resolve) => {
  finish = resolve;
});
await consumer.run({ autoCommit: false, eachMessage });
await isFinished;
const cpu = process.cpuUsage(cpuAtStart);
const result = {
  visits,
  wallSeconds: (performance.now() - startedAt) / 1000,
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
  peakRssBytes: peakRssBytesOf(process.pid),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
await consumer.disconnect();
await producer.disconnect();
process.exit(0);
