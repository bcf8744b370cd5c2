import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { startKafka } from "../../docker/local_kafka/kafka_broker.ts";
import { runInProcess } from "../cli/fake_world.ts";
import { kafkaClients } from "../support/kafka_clients.ts";
import { TEST_BROKER } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { Command, jobArguments, jobOutcome, runCommand } from "./command.ts";
import { committedOffsets } from "./committed.ts";
import { visitJson } from "./produce.ts";

const SEGMENT = "00000000000000000000.log";
// Of a record batch: its header, and its head up to the length of what follows.
const BATCH_HEADER = 61;
const LENGTH_END = 12;
const LOG = "sessionmill-visits-windows";
const topics = ["visits", "sessions"].map((name) => ({ name, partitions: 1 }));

// A broker of this file's own: its disk goes bad.
const broker = await startKafka({ ...TEST_BROKER, topics });
after(() => broker.stop());
const { admin, producer } = kafkaClients(broker.brokers);
const place = ["--from", "kafka:visits", "--brokers", broker.brokers];
const flags = [...place, "--group", "visits", "--to", "kafka:sessions"];

/** Changes a byte of each record batch of the window log, as a bad disk does. */
async function damageLog(dataFolder: string): Promise<void> {
  const path = join(dataFolder, `${LOG}-0`, SEGMENT);
  const bytes = await readFile(path);
  for (let at = 0; at < bytes.length; ) {
    bytes[at + BATCH_HEADER + 6]! ^= 0xff;
    at += LENGTH_END + bytes.readInt32BE(at + LENGTH_END - 4);
  }
  await writeFile(path, bytes);
}

test("state reset empties a window log of the group that a disk has damaged", async () => {
  const runTo = async (offset: number) => {
    const job = new Command(jobArguments([...flags, "--workers", "1"]));
    await job.until(async () => {
      const [committed] = await committedOffsets(admin, "visits");
      return committed === offset;
    });
    job.kill("SIGTERM");
    jobOutcome(await job.ended());
  };
  const messages = [{ value: visitJson("a") }];
  await producer.send({ topic: "visits", messages });
  await runTo(1);
  await broker.restart({ meanwhile: damageLog });
  const refused = await runCommand(["run", ...flags]);
  assert.equal(refused.exitCode, 1);
  const advice =
    /^[^;]* is corrupt, CRC-32C is [^;]*; start anew with: sessionmill (state reset [^;]*)\n$/m;
  assert.match(refused.stderr, advice);
  const [, reset] = advice.exec(refused.stderr)!;
  const state = [...reset!.split(" "), "--yes"];
  let told = "";
  await waitUntil(async () => {
    const { exitCode, stderr } = await runInProcess(state);
    told = stderr;
    return exitCode === 0 || !/has a member/.test(stderr);
  });
  assert.match(told, /is reset: a run begins at the start of topic/);
  await runTo(1);
});
