import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { testKafka } from "../support/test_kafka.ts";
import { adminUrlOf } from "./admin_url.ts";
import { Command, runCommand } from "./command.ts";
import { produce, visitJson } from "./produce.ts";

const { brokers, newTopic } = await testKafka();
/** What the tests of commands switch off otherwise. */
const ENVIRONMENT = { SESSIONMILL_ADMIN: "" };
const GENERATED = ["run", "--from", "generator", "--to", "null"];
const TOKEN = "a-token-of-an-admin-server";

async function statusOf(url: string, headers = {}): Promise<number> {
  return (await fetch(url, { headers })).status;
}

test("run from a topic has an admin server by default, the next one another port", async () => {
  const visits = await newTopic("visits", { partitions: 2 });
  const flags = ["--brokers", brokers, "--from", `kafka:${visits}`];
  const start = (group: string) =>
    new Command(["run", ...flags, "--to", "null", "--group", group], {
      environment: ENVIRONMENT,
    });
  const commands = [start("one"), start("two")];
  const urls = await Promise.all(commands.map(adminUrlOf));
  const ports = urls.map((url) => Number(new URL(url).port));
  assert.notEqual(ports[0], ports[1]);
  assert.ok(ports.every((port) => port >= 9464 && port < 9564));
  const messages = [{ partition: 1, value: visitJson("v1") }];
  await produce(brokers, { topic: visits, messages });
  for (const [i, command] of commands.entries()) {
    const url = urls[i]!;
    await command.until(async () => (await statusOf(`${url}/readyz`)) === 200);
    await command.until(
      async () => (await statusOf(`${url}/sessions/v1`)) === 200,
    );
    command.kill("SIGINT");
    const { exitCode, stderr } = await command.ended();
    assert.equal(exitCode, 0, stderr);
    assert.doesNotMatch(stderr, /admin server is gone/);
    await assert.rejects(statusOf(`${url}/healthz`));
  }
});

test("run with an --admin port that is taken ends with a sentence, and runs nothing", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as { port: number };
  const flags = ["--count", "10", "--admin", `127.0.0.1:${port}`];
  const { exitCode, stderr } = await runCommand([...GENERATED, ...flags]);
  taken.close();
  assert.equal(exitCode, 1);
  assert.equal(
    stderr.trimEnd(),
    `Cannot serve --admin on 127.0.0.1:${port}: the port is taken, choose another one, or --admin off`,
  );
});

test("run that ends before its admin server is there says nothing of it", async () => {
  const flags = ["--count", "1", "--admin", "127.0.0.1:0"];
  const { exitCode, stderr } = await runCommand([...GENERATED, ...flags]);
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /\n +cpu [^\n]*\n$/);
});

test("run asks for the token that it has, and never shows it", async () => {
  const command = new Command(
    [...GENERATED, "--rate", "100/s", "--admin", "127.0.0.1:0"],
    { environment: { SESSIONMILL_ADMIN_TOKEN: TOKEN } },
  );
  const url = await adminUrlOf(command);
  assert.equal(await statusOf(`${url}/healthz`), 200);
  assert.equal(await statusOf(`${url}/state`), 401);
  const headers = { authorization: `Bearer ${TOKEN}` };
  assert.equal(await statusOf(`${url}/state`, headers), 200);
  command.kill("SIGINT");
  const { stdout, stderr, exitCode } = await command.ended();
  assert.equal(exitCode, 0);
  assert.doesNotMatch(stdout + stderr, new RegExp(TOKEN));
  const shown = await runCommand(["run", "--print-config"], {
    environment: { SESSIONMILL_ADMIN_TOKEN: TOKEN },
  });
  assert.match(shown.stdout, /^# admin-token:/m);
  assert.doesNotMatch(shown.stdout, new RegExp(TOKEN));
});

test("run refuses a token where there is no admin server, and a wrong address", async () => {
  const token = ["--admin-token", TOKEN];
  const idle = await runCommand([...GENERATED, "--count", "1", ...token]);
  assert.equal(idle.exitCode, 2);
  assert.match(
    idle.stderr,
    /^Cannot run: --admin-token does nothing here, it needs --admin HOST:PORT/,
  );
  const wrong = await runCommand([...GENERATED, "--admin", "localhost"]);
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.stderr, /--admin must be HOST:PORT such as/);
});
