import { spawn } from "node:child_process";
import { once } from "node:events";
import { Kafka, logLevel, type Message } from "kafkajs";

/** A client of the tests' own, which is quiet and quick to try again. */
export function testClient(brokers: string): Kafka {
  return new Kafka({
    brokers: brokers.split(","),
    logLevel: logLevel.NOTHING,
    // A transaction begun right after another one meets its end.
    retry: { initialRetryTime: 10, retries: 20 },
  });
}

/** Sends records as they are. */
export async function produce(
  brokers: string,
  { topic, messages }: { topic: string; messages: Message[] },
): Promise<void> {
  const producer = testClient(brokers).producer();
  await producer.connect();
  await producer.send({ topic, messages });
  await producer.disconnect();
}

/** Sends one record a line with kcat, packed by `codec`. */
export async function produceWithKcat(
  brokers: string,
  options: {
    topic: string;
    codec: string;
    lines: readonly string[];
    partition?: number;
  },
): Promise<void> {
  const { topic, codec, lines, partition = 0 } = options;
  const place = ["-b", brokers, "-t", topic, "-p", String(partition)];
  const flags = ["-P", ...place, "-z", codec];
  const kcat = spawn("kcat", flags, {
    stdio: ["pipe", "ignore", "inherit"],
  });
  kcat.stdin.end(`${lines.join("\n")}\n`);
  const [exitCode] = await once(kcat, "close");
  if (exitCode !== 0) throw new Error(`Cannot produce: kcat said ${exitCode}`);
}

/** A visit as JSON. */
export function visitJson(
  visitId: string,
  { minute = 0, page = "home" }: { minute?: number; page?: string } = {},
): string {
  const time = new Date(Date.UTC(2024, 5, 1, 0, minute)).toISOString();
  const visit = { visit_id: visitId, event_time: time, page, user_id: "u" };
  return JSON.stringify(visit);
}
