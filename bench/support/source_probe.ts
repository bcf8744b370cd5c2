import { Kafka, logLevel } from "kafkajs";
import { BATCH_BYTES } from "../../src/fleet/buffer_sizes.ts";
import { ShardBatch } from "../../src/fleet/shard_batch.ts";
import { hashKey } from "../../src/kernel/host/key_hash.ts";
import { newRun, type RecordBatch } from "../../src/record/record_batch.ts";
import { Scatterer } from "../../src/route/scatterer.ts";
import { KafkaSource } from "../../src/source/kafka/kafka_source.ts";

// A process of its own for one run: reads a whole topic, hashes each key and
// copies each value, and prints what that took.

const SHARDS = 2;
const MAX_PARTITION_BYTES = 4 * 1024 * 1024;

/** What one run took; also the line of JSON that this process prints. */
export interface SourceRun {
  readonly records: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Copies records into the batches of their shards, as the router does. */
class Batches {
  records = 0;
  readonly #scatterer = new Scatterer(SHARDS, "key");
  readonly #batches = Array.from(
    { length: SHARDS },
    () => new ShardBatch(new ArrayBuffer(BATCH_BYTES)),
  );
  readonly #run = newRun();
  #spare = new ArrayBuffer(BATCH_BYTES);

  take(batch: RecordBatch): void {
    const run = this.#run;
    while (batch.nextRun!(run, BATCH_BYTES)) {
      this.records += run.count;
      this.#scatterer.open(run);
      while (run.count > 0) this.#deal(batch);
    }
  }

  #deal(batch: RecordBatch): void {
    const dealt = this.#scatterer.deal(this.#run, (shard, records) => {
      const to = this.#batches[shard]!;
      if (!to.fits(records.end - records.start, records.count)) {
        // It would be sent, and come back.
        this.#spare = to.replacePayload(this.#spare);
      }
      to.addRun(records, batch);
    });
    if (dealt === 0) throw new Error("Cannot deal out a record of the bench");
  }
}

/** What a reader of the stock consumer would do by hand. */
class StockBatch {
  records = 0;
  hashes = 0;
  readonly #batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  #end = 0;

  take(key: Buffer | null, value: Buffer | null): void {
    this.records++;
    if (key !== null) this.hashes ^= hashKey(key, 0, key.length);
    if (value === null) return;
    if (this.#end + value.length > BATCH_BYTES) this.#end = 0;
    this.#end += value.copy(this.#batch, this.#end);
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
    source: {
      createSource: false,
      metadataIntervalMs: 30_000,
      onNewTopic: "stop",
    },
  });
  await source.open();
  const clock = startClock();
  const batches = new Batches();
  for await (const event of source.events()) {
    if (event.kind === "assigned") {
      for (const each of event.restarted) source.begin(each, "earliest");
    }
    if (event.kind !== "records") continue;
    batches.take(event.batch);
    event.batch.release();
  }
  const run = clock(batches.records);
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
  const copied = new StockBatch();
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
