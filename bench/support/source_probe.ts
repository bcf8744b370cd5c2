import { Kafka, logLevel } from "kafkajs";
import { hashKey } from "../../src/key_hash.ts";
import { KafkaSource } from "../../src/source/kafka_source.ts";
import { newCursor } from "../../src/source/source.ts";

// A process of its own for one run: reads a whole topic, hashes each key and
// copies each value, and prints what that took.

const BATCH_BYTES = 256 * 1024;
const MAX_PARTITION_BYTES = 4 * 1024 * 1024;

/** What one run took; also the line of JSON that this process prints. */
export interface SourceRun {
  readonly records: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Stands for a router: something is done with each key and value. */
class Router {
  records = 0;
  hashes = 0;
  readonly #batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  #end = 0;

  takeKey(bytes: Buffer, start: number, length: number): void {
    this.records++;
    if (length > 0) this.hashes ^= hashKey(bytes, start, length);
  }

  takeValue(bytes: Buffer, start: number, end: number): void {
    if (this.#end + end - start > BATCH_BYTES) this.#end = 0;
    this.#end += bytes.copy(this.#batch, this.#end, start, end);
  }
}

/** Reads `topic` with the source of this project. */
async function readOurs(brokers: string, topic: string): Promise<SourceRun> {
  const kafka = {
    brokers: [brokers],
    group: "bench",
    createTopics: false,
    security: {},
  };
  const source = new KafkaSource({ topic, kafka, bounded: true });
  await source.open();
  const clock = startClock();
  const router = new Router();
  const cursor = newCursor();
  for await (const event of source.events()) {
    if (event.kind !== "records") continue;
    const { batch } = event;
    while (batch.next(cursor)) {
      const { bytes, keyStart, keyLength, valueStart, valueLength } = cursor;
      router.takeKey(bytes, keyStart, keyLength);
      if (valueLength > 0) {
        router.takeValue(bytes, valueStart, valueStart + valueLength);
      }
    }
    batch.release();
  }
  const run = clock(router.records);
  await source.close();
  return run;
}

/** Reads `topic` as kafkajs offers it, in batches and with large fetches. */
async function readStock(brokers: string, topic: string): Promise<SourceRun> {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const total = ends.reduce((sum, { offset }) => sum + Number(offset), 0);
  const consumer = kafka.consumer({
    groupId: `bench-${process.pid}`,
    maxBytesPerPartition: MAX_PARTITION_BYTES,
    maxBytes: 4 * MAX_PARTITION_BYTES,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const joined = new Promise<() => void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve(() => {}));
  });
  const router = new Router();
  const done = Promise.withResolvers<void>();
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: ends.length,
    eachBatch: async ({ batch }) => {
      for (const { key, value } of batch.messages) {
        router.takeKey(key ?? Buffer.alloc(0), 0, key?.length ?? 0);
        if (value) router.takeValue(value, 0, value.length);
      }
      if (router.records >= total) done.resolve();
    },
  });
  await joined;
  const clock = startClock();
  await done.promise;
  const run = clock(router.records);
  await consumer.disconnect();
  return run;
}

function startClock(): (records: number) => SourceRun {
  const startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  return (records) => {
    const { user, system } = process.cpuUsage(cpuBefore);
    const seconds = (performance.now() - startMs) / 1000;
    return { records, seconds, cpuSeconds: (user + system) / 1e6 };
  };
}

const [reader, brokers, topic] = process.argv.slice(2);
const read = reader === "stock" ? readStock : readOurs;
process.stdout.write(`${JSON.stringify(await read(brokers!, topic!))}\n`);
process.exit(0);
