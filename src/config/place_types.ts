import { formatAddress, parseAddress } from "./address.ts";
import type { Address, SinkSpec, SourceSpec, TopicSpec } from "./config.ts";
import { type OptionType, optionType } from "./option.ts";

const KAFKA_NAME = /^[a-zA-Z0-9._-]{1,249}$/;
const TOPIC_PREFIX = "kafka:";
const BROKER = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:,[\]/]+):(\d{1,5})$/;
const HTTP = /^https?:/;

/** Where visits come from. */
export const SOURCE: OptionType<SourceSpec> = optionType(
  '"generator", "-", "file:PATH" or "kafka:TOPIC"',
  {
    parse: (text) => {
      if (text === "generator") return { kind: "generator" };
      if (text === "-") return { kind: "stdin" };
      return parseFile(text) ?? topicOf(text);
    },
    format: formatPlace,
    faultOf: topicFault,
  },
);

/** Where records go. */
export const SINK: OptionType<SinkSpec> = optionType(
  '"-", "file:PATH", "null" or "kafka:TOPIC"',
  {
    parse: (text) => {
      if (text === "null") return { kind: "null" };
      if (text === "-") return { kind: "stdout" };
      return parseFile(text) ?? topicOf(text);
    },
    format: formatPlace,
    faultOf: topicFault,
  },
);

/** Bootstrap brokers, `host:port` separated by commas. */
export const BROKERS: OptionType<readonly string[]> = optionType(
  'brokers such as "host1:9092,host2:9092"',
  { parse: parseBrokers, format: (brokers) => brokers.join(",") },
);

/** A topic, as places name it. */
export const TOPIC: OptionType<TopicSpec> = optionType('"kafka:TOPIC"', {
  parse: topicOf,
  format: formatPlace,
  faultOf: topicFault,
});

/** Where a server listens. */
export const ADDRESS: OptionType<Address> = optionType(
  'HOST:PORT such as "127.0.0.1:8080" or "[::]:8080"',
  {
    parse: parseAddress,
    format: formatAddress,
  },
);

/** Origins of pages as browsers write them, comma-joined, or `*`. */
export const ORIGINS: OptionType<readonly string[]> = optionType(
  'origins such as "https://shop.example,http://127.0.0.1:3000", each in full, or "*" for any',
  {
    parse: (text) => (text === "*" ? [text] : parseOrigins(text)),
    format: (origins) => origins.join(","),
  },
);

/** The same of pages of ours: they are known. */
export const OWN_ORIGINS: OptionType<readonly string[]> = optionType(
  'origins such as "https://ops.example,http://10.0.0.7:8080", each in full, without a path',
  { parse: parseOrigins, format: (origins) => origins.join(",") },
);

/** What Kafka takes as the name of a topic, and of a member of a group. */
export function kafkaNameType(what: string): OptionType<string> {
  const expected = `${what}: 1 to 249 letters, digits, ".", "_" and "-"`;
  return optionType(expected, {
    parse: (text) => (isKafkaName(text) ? text : undefined),
    format: String,
  });
}

/** Whether Kafka takes the text as the name of a topic. */
export function isKafkaName(text: string): boolean {
  return KAFKA_NAME.test(text) && text !== "." && text !== "..";
}

/** The text of a source or sink as a user writes it. */
export function formatPlace(place: SourceSpec | SinkSpec): string {
  switch (place.kind) {
    case "file":
      return `file:${place.path}`;
    case "kafka":
      return `kafka:${place.topic}`;
    case "stdin":
    case "stdout":
      return "-";
    default:
      return place.kind;
  }
}

/**
 * The file that an argument names: a path, `file:PATH` as in an option, or null for
 * stdin (`-`).
 */
export function fileOf(text: string): string | null {
  if (text === "-") return null;
  const path = parseFile(text)?.path ?? text;
  return path === "-" ? "./-" : path;
}

function parseFile(text: string) {
  const path = text.startsWith("file:") ? text.slice(5) : "";
  return path === "" ? undefined : { kind: "file" as const, path };
}

/** The topic that a place such as `kafka:visits` names; undefined for others. */
export function topicOf(text: string): TopicSpec | undefined {
  const isTopic = text.startsWith(TOPIC_PREFIX);
  const topic = isTopic ? text.slice(TOPIC_PREFIX.length) : "";
  return isKafkaName(topic) ? { kind: "kafka" as const, topic } : undefined;
}

/** What Kafka does not take in the name of a topic; undefined for other places. */
export function topicFault(text: string): string | undefined {
  if (!text.startsWith(TOPIC_PREFIX)) return undefined;
  const topic = text.slice(TOPIC_PREFIX.length);
  if (isKafkaName(topic)) return undefined;
  if (topic === "") return "the name of the topic is missing";
  const [strange] = /[^a-zA-Z0-9._-]/u.exec(topic) ?? [];
  if (strange !== undefined) {
    return `the name of a topic has no ${JSON.stringify(strange)}, only letters, digits, ".", "_" and "-"`;
  }
  return 'the name of a topic has at most 249 characters, and is not "." or ".."';
}

function parseBrokers(text: string): string[] | undefined {
  const brokers = text.split(",").map((broker) => broker.trim());
  const areBrokers = brokers.every((broker) => {
    const port = Number(BROKER.exec(broker)?.[1] ?? 0);
    return port >= 1 && port <= 65_535;
  });
  return areBrokers ? brokers : undefined;
}

function parseOrigins(text: string): string[] | undefined {
  const origins = text.split(",").map((origin) => origin.trim());
  return origins.every(isOrigin) ? origins : undefined;
}

/** Whether a page may have it: each is of one host, and no pattern. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url?.origin === text && HTTP.test(text) && !text.includes("*");
}
