import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { startKafka } from "../../docker/local_kafka/kafka_broker.ts";
import { makeCertificates } from "../support/certificates.ts";
import { Command } from "./command.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-tls-"));
after(() => rmSync(folder, { recursive: true }));

test("TLS: certificates are given by path, and both sides show theirs", async () => {
  const { ca, both } = makeCertificates(folder);
  const broker = await startKafka({
    config: {
      "listener.security.protocol.map": "PLAINTEXT:SSL,CONTROLLER:PLAINTEXT",
      "inter.broker.listener.name": "PLAINTEXT",
      "ssl.keystore.type": "PEM",
      "ssl.keystore.location": both,
      "ssl.truststore.type": "PEM",
      "ssl.truststore.location": ca,
      "ssl.client.auth": "required",
    },
  });
  try {
    const config = join(folder, "kafka.yaml");
    writeFileSync(
      config,
      "ssl:\n  ca: ca.pem\n  cert: cert.pem\n  key: key.pem\n",
    );
    const kafka = ["--brokers", broker.brokers, "--kafka-config", config];
    const visits = ["--to", "kafka:visits", "--count", "1000"];
    const generated = await new Command([
      ...["generate", ...visits, "--create-topics", ...kafka],
    ]).ended();
    assert.equal(generated.exitCode, 0, generated.stderr);
    const job = ["--bounded", "--to", "null", "--workers", "1"];
    const ran = await new Command(["run", ...job, ...kafka]).ended();
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.match(ran.stderr, /^1,0\d\d visits in /m);
  } finally {
    await broker.stop();
  }
});
