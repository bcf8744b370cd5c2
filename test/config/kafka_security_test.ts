import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readKafkaSecurity } from "../../src/config/kafka_security.ts";
import { makeCertificates } from "../support/certificates.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-security-"));
after(() => rmSync(folder, { recursive: true }));

const files = makeCertificates(folder);
const ca = readFileSync(files.ca, "utf8");
const cert = readFileSync(files.cert, "utf8");
const key = readFileSync(files.key, "utf8");
const config = join(folder, "kafka.yaml");

/** What comes of a file with this content; JSON is YAML as well. */
function read(content: unknown) {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  writeFileSync(config, text);
  return readKafkaSecurity(config);
}

test("readKafkaSecurity() reads the files that ssl names, seen from its own", async () => {
  const ssl = { ca: ["ca.pem", files.cert], cert: "./cert.pem", key };
  assert.deepEqual(await read({ ssl }), {
    ssl: { ca: [ca, cert], cert, key },
  });
});

test("readKafkaSecurity() takes PEM text, locked keys and what else there is", async () => {
  const yaml = `ssl:\n  ca: |\n    ${ca.trim().replaceAll("\n", "\n    ")}\n`;
  assert.deepEqual(await read(yaml), { ssl: { ca } });
  const ssl = { cert, key: "locked.pem", passphrase: "secret" };
  const locked = readFileSync(files.encryptedKey, "utf8");
  assert.deepEqual(await read({ ssl }), { ssl: { ...ssl, key: locked } });
  const others = { ssl: true, clientId: "me", retry: { retries: 3 } };
  assert.deepEqual(await read(others), others);
  const sasl = { mechanism: "plain", username: "u", password: "0123" };
  assert.deepEqual(await read({ sasl }), { sasl });
});

function strangersKey(): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  return String(privateKey.export({ type: "pkcs8", format: "pem" }));
}

writeFileSync(join(folder, "cut.pem"), ca.slice(0, 300));
writeFileSync(join(folder, "text.pem"), "hello\n");
const at = (name: string) => `"${join(folder, name)}"`;

const WRONG: readonly [content: unknown, sentence: string][] = [
  ["hello", 'it must hold lines such as "ssl: true"'],
  [
    { ssl: { ca: "no.pem" } },
    `ssl.ca ${at("no.pem")} cannot be read: there is no such file`,
  ],
  [
    { ssl: { ca: ["ca.pem", "text.pem"] } },
    `ssl.ca ${at("text.pem")} holds no certificate that can be used: it is no PEM text`,
  ],
  [
    { ssl: { ca: "cut.pem" } },
    `ssl.ca ${at("cut.pem")} holds no certificate that can be used: bad end line`,
  ],
  [
    { ssl: { ca: "key.pem" } },
    `ssl.ca ${at("key.pem")} holds no certificate that can be used: no start line`,
  ],
  [
    { ssl: { cert, key: "locked.pem" } },
    `ssl.key ${at("locked.pem")} holds no key that can be used: it is encrypted, and ssl.passphrase is missing`,
  ],
  [{ ssl: { cert } }, "ssl.cert needs its ssl.key"],
  [
    { ssl: { cert, key: strangersKey() } },
    "ssl.cert and ssl.key do not belong together",
  ],
  [
    { ssl: { ca: 5 } },
    "ssl.ca must be PEM text or the path of a PEM file, got 5",
  ],
  [{ ssl: 5 }, "ssl must be true, false or hold ca, cert and key"],
  [
    "sasl: {mechanism: plain, username: u, password: 0123}",
    "sasl.password must be text: put it in quotes",
  ],
  ["sasl: plain", "sasl must hold mechanism, username and password"],
  ["clientId: 7", "clientId must be text: put it in quotes"],
  ["brokers: a:1", "brokers belong to --brokers"],
  [
    "sssl: true",
    '"sssl" is no setting of the Kafka client, did you mean "ssl"',
  ],
];

for (const [content, sentence] of WRONG) {
  test(`readKafkaSecurity() says: ${sentence.replaceAll(folder, "")}`, async () => {
    await assert.rejects(read(content), {
      name: "UsageError",
      message: `Cannot read config "${config}": ${sentence}`,
    });
  });
}
