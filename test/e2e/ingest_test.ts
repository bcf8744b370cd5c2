import assert from "node:assert/strict";
import { Agent } from "node:http";
import { after, test } from "node:test";
import { startKafka } from "../../docker/local_kafka/kafka_broker.ts";
import { readWithKcat } from "../support/kcat.ts";
import { TEST_BROKER } from "../support/test_kafka.ts";
import { Command } from "./command.ts";
import { Clients, post, startIngest } from "./ingest_clients.ts";
import { visitJson } from "./produce.ts";
import { formsOfTopic } from "./session_forms.ts";

// A broker of this file's own: others could not do without it meanwhile.
const broker = await startKafka(TEST_BROKER);
after(() => broker.stop());

/** Pages of each visit_id in a topic, in order. */
async function pagesOf(topic: string): Promise<Map<string, number[]>> {
  const pages = new Map<string, number[]>();
  for (const { key, value } of await readWithKcat(broker.brokers, topic)) {
    const page = Number(JSON.parse(value).page);
    pages.set(key, [...(pages.get(key) ?? []), page]);
  }
  return pages;
}

test("ingest: what a kill -TERM under load has answered is in the topic, once and in order", async () => {
  const { ingest, url, topic } = await startIngest(broker);
  const clients = new Clients(url, 24);
  await ingest.until(() => clients.acceptedCount > 2_000);
  ingest.kill("SIGTERM");
  const { exitCode, stderr } = await ingest.ended();
  await clients.ended();
  assert.equal(exitCode, 0, stderr);
  const written = await pagesOf(topic);
  for (const [id, pages] of clients.accepted) {
    assert.ok(pages.length > 0);
    // No request is dropped behind the last one that was answered.
    assert.deepEqual(written.get(id), pages, id);
  }
  assert.match(stderr, /stopping: visits are taken for 5 s more/);
  // Those that came too late were told so, or found nobody.
  for (const { status } of clients.refused) assert.equal(status, 503);
  const count = clients.acceptedCount.toLocaleString("en");
  assert.ok(stderr.includes(`${count}   in the topic`), stderr);
});

test("ingest: what it takes becomes sessions", async () => {
  const { ingest, url, topic } = await startIngest(broker);
  const sessions = `sessions-${topic}`;
  await broker.createTopic(sessions, { partitions: 1 });
  const run = new Command([
    ...["run", "--brokers", broker.brokers, "--from", `kafka:${topic}`],
    ...["--to", `kafka:${sessions}`, "--group", topic, "--gap", "1m"],
    ...["--out-of-orderness", "0s", "--idle-timeout", "500ms"],
  ]);
  await run.until(() => /partitions are assigned/.test(run.stderr));
  const agent = new Agent({ keepAlive: true });
  for (const minute of [0, 0.5, 30]) {
    const body = visitJson("v", { minute });
    assert.equal((await post(url, body, agent)).status, 202);
  }
  agent.destroy();
  await run.until(
    async () => (await formsOfTopic(broker.brokers, sessions)).length > 0,
  );
  const [session] = await readWithKcat(broker.brokers, sessions);
  const { visit_id: id, visited_pages: pages } = JSON.parse(session!.value);
  assert.equal(id, "v");
  assert.equal(pages.flat().length, 2);
  for (const each of [run, ingest]) {
    each.kill("SIGTERM");
    assert.equal((await each.ended()).exitCode, 0, each.stderr);
  }
});

test("ingest: what it cannot begin with is said in a sentence", async () => {
  const kafka = ["--brokers", broker.brokers, "--listen", "127.0.0.1:0"];
  const { url, ingest } = await startIngest(broker);
  const cases: [string[], number, RegExp][] = [
    [
      ["--to", "kafka:missing", ...kafka],
      1,
      /^Cannot write to topic "missing": it does not exist.*\n$/,
    ],
    [
      ["--listen", new URL(url).host],
      1,
      /^Cannot listen on 127.0.0.1:\d+: the port is taken, choose another one with --listen$/m,
    ],
    [
      ["--listen", "[2001:db8::1]:8080"],
      1,
      /^Cannot listen on \[2001:db8::1\]:8080: /m,
    ],
    [["--to", "null"], 2, /--to must be "kafka:TOPIC", got "null"/],
    [
      ["--max-waiting-bytes", "1MiB"],
      2,
      /--max-waiting-bytes must be at least --max-body-bytes/,
    ],
    [["--listen", "8080"], 2, /--listen must be HOST:PORT such as/],
    [
      ["--cors", "https://*.example"],
      2,
      /--cors must be origins such as .* in full, .*got "https:\/\/\*\.example"/,
    ],
    [
      ["--ingest-token", "short"],
      2,
      /--ingest-token must be 16 to .*not shown/,
    ],
  ];
  for (const [flags, exitCode, sentence] of cases) {
    const ended = await new Command(["ingest", ...flags]).ended();
    assert.equal(ended.exitCode, exitCode, ended.stderr);
    assert.match(ended.stderr, sentence);
    assert.doesNotMatch(ended.stderr, /^ +at /m);
  }
  ingest.kill("SIGTERM");
  await ingest.ended();
});
