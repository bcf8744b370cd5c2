import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../docker/local_kafka/free_port.ts";
import { startKafka } from "../../docker/local_kafka/kafka_broker.ts";
import { TEST_BROKER } from "./test_kafka.ts";

const run = promisify(execFile);
const STORE_PASSWORD = "not-secret";

/** A broker with a listener of each kind. */
export interface SecuredKafka {
  readonly plaintext: string;
  /** SASL PLAIN without TLS; the user is `ada`, the password `lovelace`. */
  readonly sasl: string;
  /** TLS with a certificate that it has signed itself, for 127.0.0.1. */
  readonly tls: string;
  /** That certificate, as PEM text. */
  readonly certificate: string;
  stop(): Promise<void>;
}

/** Starts a broker with PLAINTEXT, SASL_PLAINTEXT and SSL listeners. */
export async function startSecuredKafka(): Promise<SecuredKafka> {
  const folder = await mkdtemp(join(tmpdir(), "sessionmill-keys-"));
  const { store, certificate } = await makeKeys(folder);
  const ports = [await freePort(), await freePort(), await freePort()];
  const [plaintext, sasl, tls] = ports.map((port) => `127.0.0.1:${port}`);
  const controllerPort = await freePort();
  const clients = `PLAINTEXT://${plaintext},SASL://${sasl},TLS://${tls}`;
  const login =
    "org.apache.kafka.common.security.plain.PlainLoginModule required " +
    'username="ada" password="lovelace" user_ada="lovelace";';
  const broker = await startKafka({
    ...TEST_BROKER,
    port: ports[0]!,
    config: {
      "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
      listeners: `${clients},CONTROLLER://127.0.0.1:${controllerPort}`,
      "advertised.listeners": clients,
      "listener.security.protocol.map":
        "PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT",
      "sasl.enabled.mechanisms": "PLAIN",
      "listener.name.sasl.plain.sasl.jaas.config": login,
      "ssl.keystore.location": store,
      "ssl.keystore.password": STORE_PASSWORD,
      "ssl.key.password": STORE_PASSWORD,
    },
  });
  return {
    plaintext: plaintext!,
    sasl: sasl!,
    tls: tls!,
    certificate,
    async stop() {
      await broker.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function makeKeys(folder: string) {
  const store = join(folder, "broker.p12");
  const pem = join(folder, "broker.pem");
  const key = ["-alias", "broker", "-keystore", store];
  const open = ["-storepass", STORE_PASSWORD];
  await run("keytool", [
    ...["-genkeypair", ...key, ...open, "-storetype", "PKCS12"],
    ...["-keyalg", "RSA", "-dname", "CN=broker", "-ext", "san=ip:127.0.0.1"],
  ]);
  await run("keytool", [
    ...["-exportcert", ...key, ...open, "-rfc", "-file", pem],
  ]);
  return { store, certificate: await readFile(pem, "utf8") };
}
