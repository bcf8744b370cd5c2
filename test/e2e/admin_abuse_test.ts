import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "./command.ts";

const RATE = 10_000;
const MIB = 1024 ** 2;

/** A run at a rate, beside whose admin server things happen. */
class AbusedRun {
  readonly port: number;
  readonly #run: Command;
  /** One connection that stays open. */
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  private constructor(run: Command, port: number) {
    this.#run = run;
    this.port = port;
  }

  static async start(t: TestContext): Promise<AbusedRun> {
    const run = new Command([
      ...["run", "--from", "generator", "--rate", `${RATE}/s`],
      ...["--to", "null", "--admin", "127.0.0.1:0"],
    ]);
    t.after(() => run.kill("SIGKILL"));
    const line = /admin server at http:\/\/127\.0\.0\.1:(\d+)\n/;
    await run.until(() => line.test(run.stderr));
    const abused = new AbusedRun(run, Number(line.exec(run.stderr)![1]));
    await run.until(async () => (await abused.visits()) > 0);
    return abused;
  }

  /** Records that it has taken in. */
  async visits(): Promise<number> {
    const { status, body } = await this.ask({ path: "/state" });
    assert.equal(status, 200, body);
    return JSON.parse(body).progress.visitsIn;
  }

  async ask(options: {
    path: string;
    method?: string;
    headers?: Record<string, string>;
    body?: string;
  }): Promise<{ status: number; body: string }> {
    const { body, ...rest } = options;
    const place = { host: "127.0.0.1", port: this.port, agent: this.#agent };
    const sent = request({ ...place, ...rest });
    sent.end(body);
    const [answer] = await once(sent, "response");
    return { status: answer.statusCode, body: await text(answer) };
  }

  get rssBytes(): number {
    const status = readFileSync(`/proc/${this.#run.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024;
  }

  /** Ends it in good order: nothing of what happened has hurt it. */
  async stop(): Promise<void> {
    this.#agent.destroy();
    this.#run.kill("SIGINT");
    const { exitCode, stderr } = await this.#run.ended();
    assert.equal(exitCode, 0, stderr);
    assert.doesNotMatch(stderr, /admin server is gone|Cannot answer/);
  }
}

/** The first line and the body of what comes back for bytes. */
async function sendBytes(
  port: number,
  parts: Iterable<string | Buffer>,
): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (part) => {
    answer += part;
  });
  // Whoever is cut off in the middle of sending gets a reset.
  socket.on("error", () => {});
  const closed = new Promise((done) => socket.once("close", done));
  for (const part of parts) {
    // As clients do: what is answered is sent no further.
    if (socket.destroyed || answer !== "") break;
    if (!socket.write(part)) {
      await Promise.race([once(socket, "drain").catch(() => {}), closed]);
    }
    await sleep(2);
  }
  await Promise.race([closed, sleep(5_000)]);
  socket.destroy();
  return answer;
}

function* megabytes(head: string, count: number): Iterable<string | Buffer> {
  yield head;
  const chunk = Buffer.alloc(MIB / 8, "x");
  for (let i = 0; i < 8 * count; i++) yield chunk;
}

test("bodies of 100 MB, and bytes that are no request: the right status, and memory stays", async (t) => {
  const run = await AbusedRun.start(t);
  const before = run.rssBytes;
  const post = "POST /latency/reset HTTP/1.1\r\nhost: localhost\r\n";
  const json = "content-type: application/json\r\n";
  const long = megabytes(
    `${post}${json}content-length: 104857600\r\n\r\n`,
    100,
  );
  assert.match(await sendBytes(run.port, long), /^HTTP\/1\.1 413 /);
  const chunked = `${post}${json}transfer-encoding: chunked\r\n\r\n6400000\r\n`;
  assert.match(
    await sendBytes(run.port, megabytes(chunked, 100)),
    /^HTTP\/1\.1 413 /,
  );
  const cases: [string, string | Buffer, RegExp][] = [
    ["no HTTP", "hello\r\n\r\n", / 400 .*not HTTP/s],
    ["TLS", Buffer.from("16030100c8010000c40303", "hex"), / 400 /],
    ["no host", "GET /state HTTP/1.1\r\n\r\n", / 400 /],
    [
      "large headers",
      `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"x".repeat(20_000)}\r\n\r\n`,
      / 431 .*larger than 16 KiB/s,
    ],
    [
      "long address",
      `GET /${"x".repeat(9_000)} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
      / 414 /,
    ],
    [
      "two lengths",
      `${post}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      / 400 /,
    ],
    [
      "bad JSON",
      `${post}${json}content-length: 1\r\nconnection: close\r\n\r\n{`,
      / 400 .*"error":/s,
    ],
    [
      "another kind",
      `${post}content-type: text/plain\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx`,
      / 415 /,
    ],
    ["odd method", "BREW /state HTTP/1.1\r\nhost: localhost\r\n\r\n", / 501 /],
  ];
  for (const [name, bytes, expected] of cases) {
    const answer = await sendBytes(run.port, [bytes]);
    assert.match(answer, expected, `${name}: ${answer}`);
    assert.match(answer, /\{"error":"/, name);
  }
  const grown = run.rssBytes - before;
  assert.ok(grown < 64 * MIB, `${Math.round(grown / MIB)} MiB more`);
  await run.stop();
});

test("3,000 slow connections: they go, probes are answered, and the run goes on", async (t) => {
  const run = await AbusedRun.start(t);
  const rss = run.rssBytes;
  const [visits, startMs] = [await run.visits(), performance.now()];
  const sockets: Socket[] = [];
  let closed = 0;
  for (let i = 0; i < 3_000; i++) {
    const socket = connect(run.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.on("close", () => closed++);
    socket.write("GET /state HTTP/1.1\r\nhost: localhost\r\nx-slow: ");
    sockets.push(socket);
    if (i % 100 === 0) await sleep(1);
  }
  const trickle = setInterval(() => {
    for (const socket of sockets) if (!socket.destroyed) socket.write("x");
  }, 1_000);
  t.after(() => clearInterval(trickle));
  while (performance.now() - startMs < 16_000) {
    const health = await fetch(`http://127.0.0.1:${run.port}/healthz`);
    assert.equal(health.status, 200);
    await sleep(500);
  }
  assert.equal(closed, sockets.length, "slow ones are still connected");
  const seconds = (performance.now() - startMs) / 1000;
  const rate = ((await run.visits()) - visits) / seconds;
  assert.ok(rate > 0.8 * RATE, `${Math.round(rate)} visits/s`);
  const grown = run.rssBytes - rss;
  assert.ok(grown < 128 * MIB, `${Math.round(grown / MIB)} MiB more`);
  await run.stop();
});
