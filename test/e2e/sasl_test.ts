import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  type SecuredKafka,
  startSecuredKafka,
} from "../support/secured_kafka.ts";
import { Command, runCommand } from "./command.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-sasl-"));
const config = join(folder, "kafka.yaml");
writeFileSync(
  config,
  "sasl: {mechanism: plain, username: ada, password: lovelace}\n",
);
let broker: SecuredKafka | undefined;
after(async () => {
  await broker?.stop();
  rmSync(folder, { recursive: true });
});

/** Every command that speaks to Kafka, as a user gives it. */
test("SASL: all commands log in with what --kafka-config says", async () => {
  broker = await startSecuredKafka();
  const kafka = ["--brokers", broker.sasl, "--kafka-config", config];
  const succeed = async (...argv: string[]) => {
    const ended = await runCommand([...argv, ...kafka]);
    assert.equal(ended.exitCode, 0, `${argv[0]}: ${ended.stderr}`);
    return ended;
  };
  const into = ["--to", "kafka:visits", "--create-topics"];
  await succeed("generate", ...into, "--count", "2000");
  const bounded = await succeed(
    ...["run", "--bounded", "--to", "kafka:sessions", "--create-topics"],
  );
  assert.match(bounded.stderr, /^2,000 visits in /m);
  const tailed = await succeed("tail", "--from-beginning", "--limit", "1");
  assert.equal(tailed.stdout.trimEnd().split("\n").length, 1);

  const admin = "127.0.0.1:0";
  const job = new Command([
    ...["run", "--to", "kafka:sessions", "--group", "sasl", "--admin", admin],
    ...["--gap", "1s", "--out-of-orderness", "1s", ...kafka],
  ]);
  await job.until(() => job.stderr.includes("admin server at"));
  const load = ["--rate", "200/s", "--duration", "2s", "--warm-up", "1s"];
  const loaded = await succeed(
    ...["load", "--to", "kafka:visits", "--sessions", "kafka:sessions"],
    ...[...load, "--among-others", "--json"],
  );
  assert.match(loaded.stdout, /"close"/);
  job.kill("SIGTERM");
  assert.equal((await job.ended()).exitCode, 0, job.stderr);
  const state = await succeed("state", "--group", "sasl");
  assert.match(state.stdout, /visits/);
});
