import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { TopicOptions } from "../../docker/local_kafka/create_topic.ts";
import {
  type KafkaBroker,
  startKafka,
} from "../../docker/local_kafka/kafka_broker.ts";
import { builtProcessor } from "./built_processor.ts";
import { print } from "./table.ts";

const HEAP_MB = 1024;
/** Partitions of every topic of the benches. */
export const PARTITIONS = 2;

/** Starts the broker of a bench; it dies with this process at the latest. */
export async function startBroker(): Promise<KafkaBroker> {
  print("Starting Apache Kafka (the first time downloads it)");
  return await startKafka({ heapMb: HEAP_MB });
}

/** Creates a topic of a bench; returns its name. */
export async function newTopic(
  broker: KafkaBroker,
  name: string,
  config: Record<string, string> = {},
): Promise<string> {
  const options: TopicOptions = { partitions: PARTITIONS, config };
  await broker.createTopic(name, options);
  return name;
}

/** Fills a new topic `name` with generated visits. */
export async function loadVisits(
  broker: KafkaBroker,
  name: string,
  args: readonly string[],
): Promise<void> {
  await newTopic(broker, name);
  const { brokers } = broker;
  const to = ["--brokers", brokers, "--to", `kafka:${name}`];
  await generate([...to, ...args]);
}

/** Runs `sessionmill generate` to its end; throws when it fails. */
export async function generate(args: readonly string[]): Promise<void> {
  const child = spawn(
    process.execPath,
    [builtProcessor().main, "generate", ...args],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const [[code], log] = await Promise.all([
    once(child, "exit"),
    text(child.stderr),
  ]);
  if (code !== 0) throw new Error(`Cannot generate visits: ${log}`);
}
