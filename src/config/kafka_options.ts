import { option, optionalOption } from "./option.ts";
import { BROKERS } from "./place_types.ts";
import { choiceType, SWITCH, textType } from "./plain_types.ts";
import { durationType } from "./quantity_types.ts";

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
    description: "create missing topics that are written to",
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
    description: "consumer group; none with --bounded",
    group: GROUP,
    defaultText: "visits_reader",
  }),
  "create-source": option(SWITCH, {
    flag: "--create-source",
    description: "create the topic of --from when it is missing",
    group: GROUP,
    defaultText: "false",
  }),
  "metadata-interval": option(durationType(1), {
    flag: "--metadata-interval",
    placeholder: "TIME",
    description: "look for new partitions this often",
    group: GROUP,
    defaultText: "30s",
  }),
  "on-new-topic": option(choiceType(["stop", "flush", "drop"]), {
    flag: "--on-new-topic",
    placeholder: "DO",
    description:
      "when the topic is made anew or cut: stop, or go on and flush (emit) or drop open sessions",
    group: GROUP,
    defaultText: "stop",
  }),
} as const;
