import { readTlsFiles } from "./certificate_files.ts";
import { fileError, readConfigFile } from "./config_file.ts";
import { withSuggestion } from "./suggestion.ts";

/** Settings of the kafkajs client that a `--kafka-config` file may have. */
const CLIENT_SETTINGS = [
  "ssl",
  "sasl",
  "clientId",
  "connectionTimeout",
  "authenticationTimeout",
  "reauthenticationThreshold",
  "requestTimeout",
  "enforceRequestTimeout",
  "retry",
];

/**
 * Reads the TLS, SASL and connection settings of a file, as kafkajs takes
 * them. Throws a `UsageError` for a setting that kafkajs does not have, and for
 * certificates and passwords that cannot be right.
 */
export async function readKafkaSecurity(
  path: string | null,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  if (path === null) return {};
  const { entries } = await readConfigFile(path, {
    ...{ example: "ssl: true", signal },
  });
  for (const key of Object.keys(entries)) {
    if (CLIENT_SETTINGS.includes(key)) continue;
    if (key === "brokers") throw fileError(path, "brokers belong to --brokers");
    throw fileError(
      path,
      withSuggestion(`"${key}" is no setting of the Kafka client`, {
        word: key,
        candidates: CLIENT_SETTINGS,
      }),
    );
  }
  checkTexts(path, "clientId", entries.clientId);
  checkSasl(path, entries.sasl);
  if (entries.ssl === undefined) return entries;
  return { ...entries, ssl: await readTls(path, entries.ssl, signal) };
}

/** All of it is text: 0123 without quotes would be another password. */
function checkSasl(path: string, sasl: unknown): void {
  if (sasl === undefined) return;
  if (!isMapping(sasl) || sasl.mechanism === undefined) {
    throw fileError(path, "sasl must hold mechanism, username and password");
  }
  for (const [key, value] of Object.entries(sasl)) {
    checkTexts(path, `sasl.${key}`, value);
  }
}

function checkTexts(path: string, key: string, value: unknown): void {
  if (value === undefined || typeof value === "string") return;
  throw fileError(path, `${key} must be text: put it in quotes`);
}

async function readTls(
  path: string,
  ssl: unknown,
  signal?: AbortSignal,
): Promise<unknown> {
  if (typeof ssl === "boolean") return ssl;
  if (!isMapping(ssl)) {
    throw fileError(path, "ssl must be true, false or hold ca, cert and key");
  }
  checkTexts(path, "ssl.passphrase", ssl.passphrase);
  checkTexts(path, "ssl.servername", ssl.servername);
  return await readTlsFiles(path, ssl, signal);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
