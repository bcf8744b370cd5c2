import { GENERAL_OPTIONS } from "./general_options.ts";
import { KAFKA_OPTIONS } from "./kafka_options.ts";
import { option, optionalOption, type ValuesOf } from "./option.ts";
import { ADDRESS, ORIGINS, TOPIC } from "./place_types.ts";
import { TOKEN } from "./plain_types.ts";
import { durationType, sizeType } from "./quantity_types.ts";
import { RECORD_LIMIT_OPTIONS } from "./run_options.ts";
import { WINDOW_OPTIONS } from "./window_options.ts";

const GROUP = "HTTP:";
const KIB = 1024;
const MIB = 1024 ** 2;

/** Everything that `sessionmill ingest` takes. */
export const INGEST_OPTIONS = {
  // Not `to`: that is where the sessions of `run` go.
  "visits-to": option(TOPIC, {
    flag: "--to",
    placeholder: "TOPIC",
    description: "the topic that visits go to",
    group: "Input and output:",
    defaultText: "kafka:visits",
  }),
  "max-record-bytes": RECORD_LIMIT_OPTIONS["max-record-bytes"],
  "max-skew": WINDOW_OPTIONS["max-skew"],
  listen: option(ADDRESS, {
    flag: "--listen",
    placeholder: "HOST:PORT",
    description: "where to listen, 0.0.0.0:8080 for all addresses",
    group: GROUP,
    defaultText: "127.0.0.1:8080",
  }),
  "ingest-token": optionalOption(TOKEN, {
    flag: "--ingest-token",
    placeholder: "TOKEN",
    description:
      "ask for Authorization: Bearer TOKEN (better in the environment)",
    group: GROUP,
    isSecret: true,
  }),
  cors: optionalOption(ORIGINS, {
    flag: "--cors",
    placeholder: "LIST",
    description:
      "let pages of these origins send visits, https://a.example,… or *; takes text/plain too",
    group: GROUP,
  }),
  drain: option(durationType(0), {
    flag: "--drain",
    placeholder: "TIME",
    description:
      "after SIGTERM, take visits for so long and say in /readyz that it stops",
    group: GROUP,
    defaultText: "5s",
  }),
  "max-body-bytes": option(sizeType(KIB, 64 * MIB), {
    flag: "--max-body-bytes",
    placeholder: "SIZE",
    description: "refuse larger bodies, also when unpacked",
    group: GROUP,
    defaultText: "4MiB",
  }),
  "max-waiting-bytes": option(sizeType(MIB, 16 * KIB * MIB), {
    flag: "--max-waiting-bytes",
    placeholder: "SIZE",
    description: "answer 429 while more wait for Kafka",
    group: GROUP,
    defaultText: "64MiB",
  }),
  ...KAFKA_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;

/** The values of `INGEST_OPTIONS`. */
export type IngestValues = ValuesOf<typeof INGEST_OPTIONS>;
