import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import process from "node:process";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startKafka } from "../../docker/local_kafka/kafka_broker.ts";
import { readWithKcat } from "../support/kcat.ts";
import { TEST_BROKER } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { Command } from "./command.ts";
import { testClient, visitJson } from "./produce.ts";
import { formsOfTopic } from "./session_forms.ts";

// A broker of this file's own: others could not do without it meanwhile.
const broker = await startKafka(TEST_BROKER);
after(() => broker.stop());

let topics = 0;

/** An ingest into a new topic, when it takes visits. */
async function startIngest(...flags: string[]) {
  const topic = `visits-${topics++}`;
  await broker.createTopic(topic, { partitions: 3 });
  const ingest = new Command(
    [
      ...["ingest", "--brokers", broker.brokers, "--to", `kafka:${topic}`],
      ...["--listen", "127.0.0.1:0", ...flags],
    ],
    { deadlineMs: 120_000 },
  );
  await ingest.until(() => /taking visits at/.test(ingest.stderr));
  const url = /taking visits at (\S+)\/visits/.exec(ingest.stderr)![1]!;
  return { ingest, url, topic };
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** Posts a body; rejects when there is no answer. */
function post(url: string, body: string, agent: Agent): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const headers = { "content-type": "application/json" };
  const sent = request(`${url}/visits`, { method: "POST", agent, headers });
  sent.on("response", (answer) => {
    answer.resume().on("end", () => {
      const retryAfter = answer.headers["retry-after"];
      resolve({ status: answer.statusCode!, retryAfter });
    });
    answer.on("error", reject);
  });
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

/**
 * Clients on a connection each that send visits of one visit_id each, numbered
 * by their page, and send none again; until one of their requests gets no 202.
 */
class Clients {
  readonly accepted = new Map<string, number[]>();
  readonly refused: Answer[] = [];
  readonly #done: Promise<unknown>;

  constructor(url: string, count: number) {
    const ids = Array.from({ length: count }, (_, index) => `client-${index}`);
    this.#done = Promise.all(ids.map((id) => this.#send(url, id)));
  }

  get acceptedCount(): number {
    return [...this.accepted.values()].flat().length;
  }

  async ended(): Promise<void> {
    await this.#done;
  }

  async #send(url: string, id: string): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const pages: number[] = [];
    this.accepted.set(id, pages);
    for (let page = 0; ; page++) {
      const body = visitJson(id, { page: String(page) });
      const answer = await post(url, body, agent).catch(() => null);
      if (answer?.status === 202) pages.push(page);
      else {
        if (answer !== null) this.refused.push(answer);
        break;
      }
    }
    agent.destroy();
  }
}

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
  const { ingest, url, topic } = await startIngest();
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
  // Those that came too late were told so, or found nobody.
  for (const { status } of clients.refused) assert.equal(status, 503);
  const count = clients.acceptedCount.toLocaleString("en");
  assert.ok(stderr.includes(`${count}   in the topic`), stderr);
});

test("ingest: a second signal ends it at once", async () => {
  const { ingest, url } = await startIngest();
  process.kill(broker.pid, "SIGSTOP");
  try {
    const agent = new Agent();
    const lost = post(url, visitJson("a"), agent).catch(() => null);
    await sleep(300);
    ingest.kill("SIGTERM");
    await sleep(400);
    ingest.kill("SIGTERM");
    const { exitCode, elapsedMs } = await ingest.ended();
    assert.equal(exitCode, 143);
    assert.ok(elapsedMs < 20_000);
    assert.equal(await lost, null);
  } finally {
    process.kill(broker.pid, "SIGCONT");
  }
});

test("ingest: a broker that is frozen makes it refuse in little memory, and then it goes on", async () => {
  const { ingest, url, topic } = await startIngest(
    ...["--max-waiting-bytes", "4MiB"],
  );
  const agent = new Agent({ keepAlive: true });
  const body = (id: string) =>
    `[${Array.from({ length: 2_000 }, () => visitJson(id))}]`;
  const before = await post(url, body("before"), agent);
  assert.equal(before.status, 202);
  process.kill(broker.pid, "SIGSTOP");
  const statuses = new Map<number, number>();
  try {
    const endsAtMs = performance.now() + 20_000;
    const flood = async () => {
      while (performance.now() < endsAtMs) {
        const answer = await post(url, body("during"), agent);
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (answer.status !== 202) {
          assert.equal(answer.retryAfter, "1");
          await sleep(20);
        }
      }
    };
    await Promise.all(Array.from({ length: 48 }, flood));
    assert.ok((statuses.get(429) ?? 0) > 0, JSON.stringify([...statuses]));
    assert.ok((statuses.get(503) ?? 0) > 0, JSON.stringify([...statuses]));
    assert.equal(statuses.get(202), undefined);
    const ready = await fetch(`${url}/readyz`);
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /Kafka does not answer/);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const [, waiting] = /waiting_bytes (\d+)/.exec(metrics)!;
    // Records have their keys beside what came.
    assert.ok(Number(waiting) <= 1.5 * (4 << 20), waiting);
    const [, rss] = /resident_memory_bytes (\d+)/.exec(metrics)!;
    assert.ok(Number(rss) < 400e6, rss);
  } finally {
    process.kill(broker.pid, "SIGCONT");
  }
  await waitUntil(async () => (await fetch(`${url}/readyz`)).status === 200);
  assert.equal((await post(url, body("after"), agent)).status, 202);
  agent.destroy();
  ingest.kill("SIGTERM");
  const { exitCode, stderr } = await ingest.ended();
  assert.equal(exitCode, 0, stderr);
  const records = await readWithKcat(broker.brokers, topic);
  const countOf = (id: string) =>
    records.filter(({ key }) => key === id).length;
  assert.equal(countOf("before"), 2_000);
  assert.equal(countOf("after"), 2_000);
  // What could not be confirmed is there, whole requests of it.
  assert.equal(countOf("during") % 2_000, 0);
  assert.match(
    stderr,
    /unconfirmed +[\d,]+ +in the topic or not; answered 503/,
  );
});

test("ingest: a topic that is deleted is told, and visits are taken again when it is back", async () => {
  const { ingest, url, topic } = await startIngest();
  const agent = new Agent({ keepAlive: true });
  assert.equal((await post(url, visitJson("a"), agent)).status, 202);
  const admin = testClient(broker.brokers).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
  assert.equal((await post(url, visitJson("b"), agent)).status, 503);
  await ingest.until(() =>
    /beginning again with a new producer/.test(ingest.stderr),
  );
  const refused = await post(url, visitJson("c"), agent);
  assert.equal(refused.status, 503);
  await broker.createTopic(topic, { partitions: 2 });
  await waitUntil(async () => (await fetch(`${url}/readyz`)).status === 200);
  assert.equal((await post(url, visitJson("d"), agent)).status, 202);
  agent.destroy();
  ingest.kill("SIGTERM");
  assert.equal((await ingest.ended()).exitCode, 0);
  const records = await readWithKcat(broker.brokers, topic);
  assert.deepEqual(
    records.map(({ key }) => key),
    ["d"],
  );
});

test("ingest: what it takes becomes sessions", async () => {
  const { ingest, url, topic } = await startIngest();
  const sessions = `sessions-${topic}`;
  await broker.createTopic(sessions, { partitions: 1 });
  const run = new Command([
    ...["run", "--brokers", broker.brokers, "--from", `kafka:${topic}`],
    ...["--to", `kafka:${sessions}`, "--group", topic, "--gap", "1m"],
    ...["--out-of-orderness", "0s", "--idle-timeout", "500ms"],
  ]);
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
  const { url, ingest } = await startIngest();
  const cases: [string[], number, RegExp][] = [
    [
      ["--to", "kafka:missing", ...kafka],
      1,
      /^Cannot write to topic "missing": it does not exist/m,
    ],
    [
      ["--listen", new URL(url).host],
      1,
      /^Cannot listen on 127.0.0.1:\d+: .*EADDRINUSE/m,
    ],
    [["--to", "null"], 2, /--to must be "kafka:TOPIC", got "null"/],
    [["--listen", "8080"], 2, /--listen must be HOST:PORT such as/],
    [["--cors", "shop.example"], 2, /--cors must be origins such as/],
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
