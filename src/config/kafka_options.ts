import { option, optionalOption } from "./option.ts";
import { BROKERS } from "./place_types.ts";
import { SWITCH, textType } from "./plain_types.ts";

const GROUP = "Kafka:";

/** How to reach Kafka, for reading and writing. */
export const KAFKA_OPTIONS = {
  brokers: option(BROKERS, {
    flag: "--brokers",
    placeholder: "LIST",
    description: "host:port,…",
    group: GROUP,
    defaultText: "127.0.0.1:9092",
  }),
  "create-topics": option(SWITCH, {
    flag: "--create-topics",
    description: "create topics that are missing",
    group: GROUP,
    defaultText: "false",
  }),
  "kafka-config": optionalOption(textType("the path of a YAML or JSON file"), {
    flag: "--kafka-config",
    placeholder: "FILE",
    description: "ssl (ca, cert, key as PEM or path), sasl, … of kafkajs",
    group: GROUP,
  }),
} as const;

/** The consumer group, for commands that read. */
export const KAFKA_GROUP_OPTIONS = {
  group: option(textType("the name of a consumer group"), {
    flag: "--group",
    placeholder: "NAME",
    description: "consumer group",
    group: GROUP,
    defaultText: "visits_reader",
  }),
} as const;
