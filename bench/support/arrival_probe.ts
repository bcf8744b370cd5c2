import { Kafka, logLevel } from "kafkajs";
import { wallClockMs } from "../../src/clock.ts";
import { endMsOf } from "./session_end.ts";

// A process of its own: reads the sessions of a topic as they come, with the
// stock consumer and `read_committed`, as a user would. Says `ready` on stdout
// when it reads, and on SIGTERM what came when. Arguments: brokers, topic.

/** A session's first firing by the gap: when its window ended, when it came. */
export type Arrival = readonly [endMs: number, arrivedAtMs: number];

async function main(): Promise<void> {
  const [brokers = "", topic = ""] = process.argv.slice(2);
  const kafka = new Kafka({
    brokers: brokers.split(","),
    logLevel: logLevel.NOTHING,
  });
  const consumer = kafka.consumer({ groupId: `arrivals-of-${topic}` });
  const arrivals: Arrival[] = [];
  consumer.on("consumer.group_join", () => process.stdout.write("ready\n"));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const arrivedAtMs = wallClockMs();
      for (const { headers = {}, value } of batch.messages) {
        if (String(headers.revision) !== "0") continue;
        if (String(headers["close-reason"]) !== "gap") continue;
        arrivals.push([endMsOf(String(value)), arrivedAtMs]);
      }
    },
  });
  process.once("SIGTERM", async () => {
    await consumer.disconnect();
    process.stdout.write(`${JSON.stringify(arrivals)}\n`);
  });
}

if (import.meta.main) await main();
