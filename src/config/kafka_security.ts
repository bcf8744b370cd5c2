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
 * them. Throws a `UsageError` for a setting that kafkajs does not have.
 */
export async function readKafkaSecurity(
  path: string | null,
): Promise<Readonly<Record<string, unknown>>> {
  if (path === null) return {};
  const { entries } = await readConfigFile(path);
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
  return entries;
}
