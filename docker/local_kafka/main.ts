import process from "node:process";
import { parseArgs } from "node:util";
import { messageOf, UsageError } from "../../src/errors.ts";
import { isPortFree } from "./free_port.ts";
import { type KafkaBroker, startKafka } from "./kafka_broker.ts";

const DEFAULT_PORT = 9092;
const KEEP_ALIVE_MS = 60_000;
const USAGE = `Usage: npm run kafka -- [--port N]

Starts an Apache Kafka broker on loopback with the topics visits and sessions,
until Ctrl-C. It takes port ${DEFAULT_PORT} when that is free, else another.
`;

async function main(): Promise<void> {
  const stopAsked = stopSignal();
  const { port, help } = readArguments();
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  process.stderr.write("Starting Apache Kafka (the first time downloads it)\n");
  const starting = startKafka({
    ...(await portChoice(port)),
    topics: [
      { name: "visits", partitions: 2 },
      { name: "sessions", partitions: 2 },
    ],
  });
  const broker = await Promise.race([starting, stopAsked]);
  if (broker === undefined) return;
  announce(broker);
  // The broker does not keep this process alive; this does.
  const alive = setInterval(() => {}, KEEP_ALIVE_MS);
  await stopAsked;
  clearInterval(alive);
  process.stderr.write("Stopping Kafka and removing its data\n");
  await broker.stop();
}

function readArguments(): { port: number | undefined; help: boolean } {
  const { values } = parseArgs({
    options: {
      port: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const port = values.port === undefined ? undefined : Number(values.port);
  const isPort = port === undefined || (port > 0 && port < 65_536);
  if (!isPort || (port !== undefined && !Number.isInteger(port))) {
    const why = `--port is "${values.port}", expected 1 to 65535`;
    throw new UsageError(`Cannot start Kafka: ${why}`);
  }
  return { port, help: values.help };
}

async function portChoice(port?: number): Promise<{ port?: number }> {
  if (port !== undefined) return { port };
  return (await isPortFree(DEFAULT_PORT)) ? { port: DEFAULT_PORT } : {};
}

function announce(broker: KafkaBroker): void {
  process.stdout.write(`--brokers ${broker.brokers}\n`);
  process.stderr.write(
    "Kafka is ready, with the topics visits and sessions (2 partitions each).\n" +
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
  const isUsage =
    error instanceof UsageError ||
    (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
  process.exit(isUsage ? 2 : 1);
}
