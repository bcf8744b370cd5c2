import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ensureTopic } from "../../src/kafka/topics.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { startSecuredKafka } from "../support/secured_kafka.ts";

const broker = await startSecuredKafka();
after(() => broker.stop());
const { plaintext, sasl, tls, certificate } = broker;

type Security = Readonly<Record<string, unknown>>;

function login(mechanism = "plain", password = "lovelace"): Security {
  return { sasl: { mechanism, username: "ada", password } };
}

const TRUSTING = { ssl: { ca: [certificate] } };

/** Looks for a topic, as a run does first of all. */
async function look(brokers: string, security: Security): Promise<void> {
  const config = kafkaConfig(brokers, { security });
  const use = { topic: "visits", purpose: "read", partitionCount: 1 } as const;
  await ensureTopic(config, { ...use, mayCreate: true });
}

test("ensureTopic() gets through with the right settings of each kind", async () => {
  await look(plaintext, {});
  await look(sasl, login());
  await look(tls, TRUSTING);
});

const WRONG: Record<string, readonly [string, Security, RegExp]> = {
  "SASL to a plaintext listener": [
    plaintext,
    login(),
    /takes no SASL; leave sasl out of --kafka-config, or/,
  ],
  "SASL to a listener with TLS alone": [
    tls,
    { ...TRUSTING, ...login() },
    /takes no SASL; leave sasl out/,
  ],
  "a wrong password": [
    sasl,
    login("plain", "byron"),
    /Invalid username or password; check sasl\.username and sasl\.password/,
  ],
  "a mechanism that is not enabled": [
    sasl,
    login("scram-sha-256"),
    /does not take SASL mechanism "scram-sha-256"; set sasl\.mechanism/,
  ],
  "TLS to a plaintext listener": [
    plaintext,
    { ssl: true },
    /speaks no TLS; leave ssl out of --kafka-config, or/,
  ],
  "plaintext to a listener with TLS": [
    tls,
    {},
    /closes the connection, as listeners with TLS or SASL do; set ssl or sasl/,
  ],
  "SASL without TLS to a listener with TLS": [
    tls,
    login(),
    /closes the connection, as listeners with TLS do; set ssl in --kafka-config/,
  ],
  "plaintext to a listener with SASL": [
    sasl,
    {},
    /closes the connection, as listeners with TLS or SASL do; set ssl or sasl/,
  ],
  "a self-signed certificate": [
    tls,
    { ssl: true },
    /not trusted: self-signed certificate; set ssl\.ca in --kafka-config/,
  ],
  "a certificate for another name": [
    tls.replace("127.0.0.1", "localhost"),
    TRUSTING,
    /altnames: .*; give --brokers a name that its certificate is for, or/,
  ],
};

for (const [name, [brokers, security, advice]] of Object.entries(WRONG)) {
  test(`ensureTopic() says what to change for ${name}`, async () => {
    await assert.rejects(look(brokers, security), (error: Error) => {
      assert.equal(error.name, "WorldError");
      assert.ok(error.message.startsWith("Cannot "), error.message);
      assert.ok(error.message.includes(`Kafka at ${brokers}: `), error.message);
      assert.match(error.message, advice);
      assert.doesNotMatch(error.message, /\n|\.$/);
      return true;
    });
  });
}
