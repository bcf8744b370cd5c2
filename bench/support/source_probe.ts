import { Kafka, logLevel } from "kafkajs";
import { hashKey } from "../../src/kernel/host/key_hash.ts";
import { type Chunk, placeOf } from "../../src/record/chunk.ts";
import { RecordWalker } from "../../src/record/record_walker.ts";
import { KafkaSource } from "../../src/source/kafka/kafka_source.ts";

// A process of its own for one run: reads a whole topic, hashes each key and
// copies each value, and prints what that took.

/** The copies go round in so much memory. */
const COPIES_BYTES = 2752 * 1024;
/** Answers that may be fetched ahead, as for one worker. */
const FRAMES_MAX = 6;
const MAX_PARTITION_BYTES = 4 * 1024 * 1024;

/** What one run took; also the line of JSON that this process prints. */
export interface SourceRun {
  readonly records: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Hashes keys and copies values, wherever they are. */
class Copies {
  records = 0;
  hashes = 0;
  readonly #copies = Buffer.allocUnsafeSlow(COPIES_BYTES);
  readonly #walker = new RecordWalker();
  #end = 0;

  /** As the consumer of kafkajs gives them. */
  take(key: Buffer | null, value: Buffer | null): void {
    this.records++;
    if (key !== null) this.hashes ^= hashKey(key, 0, key.length);
    if (value !== null) this.#copy(value, 0, value.length);
  }

  /** As the source gives them: here main checks and walks them itself. */
  takeAll(chunk: Chunk, topic: string): void {
    const walker = this.#walker;
    const { record } = walker;
    walker.open(placeOf(chunk, topic));
    while (walker.next()) {
      const { bytes } = walker;
      const { keyStart, keyLength, valueStart, valueLength } = record;
      this.records++;
      if (keyLength >= 0) this.hashes ^= hashKey(bytes, keyStart, keyLength);
      if (valueLength >= 0) this.#copy(bytes, valueStart, valueLength);
    }
  }

  #copy(bytes: Buffer, start: number, length: number): void {
    if (this.#end + length > COPIES_BYTES) this.#end = 0;
    this.#end += bytes.copy(this.#copies, this.#end, start, start + length);
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
  const source = new KafkaSource({
    topic,
    kafka,
    bounded: true,
    framesMax: FRAMES_MAX,
    source: {
      createSource: false,
      metadataIntervalMs: 30_000,
      onNewTopic: "stop",
      instance: null,
      sessionTimeoutMs: 10_000,
    },
  });
  await source.open();
  const clock = startClock();
  const copies = new Copies();
  for await (const event of source.events()) {
    if (event.kind === "assigned") {
      for (const each of event.restarted) source.begin(each, "earliest");
    }
    if (event.kind !== "records") continue;
    copies.takeAll(event.chunk, topic);
    event.chunk.release();
  }
  const run = clock(copies.records);
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
  const copied = new Copies();
  const done = Promise.withResolvers<void>();
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: ends.length,
    eachBatch: async ({ batch }) => {
      for (const { key, value } of batch.messages) copied.take(key, value);
      if (copied.records >= total) done.resolve();
    },
  });
  await joined;
  const clock = startClock();
  await done.promise;
  const run = clock(copied.records);
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
