import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KafkaBroker } from "../../docker/local_kafka/kafka_broker.ts";
import { createKafka } from "../../src/kafka/client.ts";
import { generate, startBroker } from "./bench_broker.ts";
import { configOf } from "./read_sessions.ts";
import { settle } from "./settle.ts";
import { loadShaped, type Shape } from "./shaped_load.ts";
import { print } from "./table.ts";

const PARTITIONS = 4;
/** Partitions of a topic of sessions. */
const OUT_PARTITIONS = 2;

/** What the visits of a table are like, and where their sessions go. */
export interface ScaleCase {
  readonly title: string;
  readonly from: "kafka" | "file";
  readonly to: "null" | "kafka" | "file";
  /** Partitions of the topic; four unless it is said. */
  readonly partitions?: number;
  readonly shape?: Shape;
  /** Settings of the topic. */
  readonly topicConfig?: Record<string, string>;
  /** So many times fewer visits, where records are large. */
  readonly fewerVisits?: number;
}

/** The tables of workers, by the name that `--tables` knows. */
export const SCALE_CASES: Readonly<Record<string, ScaleCase>> = {
  "kafka-null": { title: "Kafka to null", from: "kafka", to: "null" },
  "kafka-kafka": { title: "Kafka to Kafka", from: "kafka", to: "kafka" },
  "file-file": { title: "file to file", from: "file", to: "file" },
  "skewed-keys": {
    ...{ title: "half of the visits in one shard", from: "kafka", to: "null" },
    shape: "skewed-keys",
  },
  "skewed-partitions": {
    ...{ title: "70 % in one partition of 4", from: "kafka", to: "null" },
    shape: "skewed-partitions",
  },
  "partitions-1": {
    ...{ title: "1 partition", from: "kafka", to: "null" },
    partitions: 1,
  },
  "partitions-100": {
    ...{ title: "100 partitions", from: "kafka", to: "null" },
    partitions: 100,
  },
  small: {
    ...{ title: "records of 100 B", from: "kafka", to: "null" },
    shape: "small",
  },
  large: {
    ...{ title: "records of 5 KB", from: "kafka", to: "null" },
    shape: "large",
    fewerVisits: 8,
  },
  zstd: {
    ...{ title: "topic packed by zstd", from: "kafka", to: "null" },
    topicConfig: { "compression.type": "zstd" },
  },
  lz4: {
    ...{ title: "topic packed by lz4", from: "kafka", to: "null" },
    topicConfig: { "compression.type": "lz4" },
  },
};

/** Visits of several counts, ready to be read by any number of runs. */
export interface ScaleInput {
  /** Runs something with the options that say from where to where. */
  use<T>(
    visits: number,
    run: (args: readonly string[]) => Promise<T>,
  ): Promise<T>;
  close(): Promise<void>;
}

/** Makes the visits of a case, so many for each of the counts. */
export async function makeScaleInput(
  scaleCase: ScaleCase,
  counts: readonly number[],
): Promise<ScaleInput> {
  if (scaleCase.from === "file") return await FileInput.make(counts);
  return await TopicInput.make(scaleCase, counts);
}

class FileInput implements ScaleInput {
  readonly #folder = mkdtempSync(join(tmpdir(), "sessionmill-scale-"));

  static async make(counts: readonly number[]): Promise<FileInput> {
    const input = new FileInput();
    for (const count of counts) {
      print(`Writing ${count} visits to a file`);
      const to = `file:${input.#pathOf(count)}`;
      await generate(["--count", String(count), "--to", to]);
    }
    return input;
  }

  async use<T>(
    visits: number,
    run: (args: readonly string[]) => Promise<T>,
  ): Promise<T> {
    const out = join(this.#folder, "sessions.jsonl");
    const from = ["--from", `file:${this.#pathOf(visits)}`];
    await rm(out, { force: true });
    return await run([...from, "--to", `file:${out}`]);
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #pathOf(count: number): string {
    return join(this.#folder, `visits_${count}.jsonl`);
  }
}

class TopicInput implements ScaleInput {
  readonly #broker: KafkaBroker;
  readonly #case: ScaleCase;
  #outTopics = 0;

  constructor(broker: KafkaBroker, scaleCase: ScaleCase) {
    this.#broker = broker;
    this.#case = scaleCase;
  }

  static async make(
    scaleCase: ScaleCase,
    counts: readonly number[],
  ): Promise<TopicInput> {
    const broker = await startBroker();
    const input = new TopicInput(broker, scaleCase);
    try {
      for (const count of counts) await input.#load(count);
      return input;
    } catch (error) {
      await broker.stop();
      throw error;
    }
  }

  async #load(count: number): Promise<void> {
    const { brokers } = this.#broker;
    const { partitions, shape, topicConfig } = this.#case;
    const partitionCount = partitions ?? PARTITIONS;
    const topic = topicOf(count);
    print(`Loading ${count} visits`);
    await this.#broker.createTopic(topic, {
      partitions: partitionCount,
      config: topicConfig ?? {},
    });
    if (shape === undefined) {
      const to = ["--brokers", brokers, "--to", `kafka:${topic}`];
      return await generate([...to, "--count", String(count)]);
    }
    await loadShaped(shape, { brokers, topic, partitionCount, count });
  }

  async use<T>(
    visits: number,
    run: (args: readonly string[]) => Promise<T>,
  ): Promise<T> {
    const { brokers, pid } = this.#broker;
    const topic = topicOf(visits);
    const from = ["--brokers", brokers, "--bounded", "--from"];
    const args = [...from, `kafka:${topic}`, "--to"];
    if (this.#case.to === "null") {
      await settle(pid);
      return await run([...args, "null"]);
    }
    const out = `sessions-${this.#outTopics++}`;
    await this.#broker.createTopic(out, { partitions: OUT_PARTITIONS });
    await settle(pid);
    const result = await run([...args, `kafka:${out}`]);
    // Hundreds of megabytes each: they would fill the disk.
    await deleteTopic(brokers, out);
    return result;
  }

  close(): Promise<void> {
    return this.#broker.stop();
  }
}

function topicOf(visits: number): string {
  return `visits-${visits}`;
}

async function deleteTopic(brokers: string, topic: string): Promise<void> {
  const admin = createKafka(configOf(brokers)).admin();
  await admin.connect();
  try {
    await admin.deleteTopics({ topics: [topic] });
  } finally {
    await admin.disconnect();
  }
}
