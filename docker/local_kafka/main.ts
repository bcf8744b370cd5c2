import process from "node:process";
import { messageOf, UsageError, WorldError } from "../../src/errors.ts";
import { DEFAULT_PORT, readArguments, USAGE } from "./arguments.ts";
import type { NewTopic } from "./create_topic.ts";
import { isPortFree } from "./free_port.ts";
import { type KafkaBroker, startKafka } from "./kafka_broker.ts";

const KEEP_ALIVE_MS = 60_000;

async function main(): Promise<void> {
  const stopAsked = stopSignal();
  const { port, topics, isHelpAsked } = readArguments(process.argv.slice(2));
  if (isHelpAsked) {
    process.stdout.write(USAGE);
    return;
  }
  process.stderr.write("Starting Apache Kafka (the first time downloads it)\n");
  const starting = startKafka({ ...(await portChoice(port)), topics });
  const broker = await Promise.race([starting, stopAsked]);
  if (broker === undefined) return;
  announce(broker, topics);
  // The broker does not keep this process alive; this does.
  const alive = setInterval(() => {}, KEEP_ALIVE_MS);
  const end = await Promise.race([stopAsked, broker.ended]);
  clearInterval(alive);
  if (end === undefined) {
    process.stderr.write("Stopping Kafka and removing its data\n");
  }
  await broker.stop();
  if (end !== undefined) {
    throw new WorldError(`Kafka has ended, its data is removed: ${end}`);
  }
}

async function portChoice(port?: number): Promise<{ port?: number }> {
  if (port !== undefined) return { port };
  return (await isPortFree(DEFAULT_PORT)) ? { port: DEFAULT_PORT } : {};
}

function announce(broker: KafkaBroker, topics: readonly NewTopic[]): void {
  const list = topics.map(({ name, partitions }) => `${name} (${partitions})`);
  process.stdout.write(`--brokers ${broker.brokers}\n`);
  process.stderr.write(
    `Kafka is ready, with topics (and partitions): ${list.join(", ")}.\n` +
      `Paste this: npm start -- run --brokers ${broker.brokers}\n` +
      "Ctrl-C stops it and removes its data.\n",
  );
}

function stopSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve(undefined));
    process.once("SIGTERM", () => resolve(undefined));
  });
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
