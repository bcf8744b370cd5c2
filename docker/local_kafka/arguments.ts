import { parseArgs } from "node:util";
import { messageOf, UsageError } from "../../src/errors.ts";
import type { NewTopic } from "./create_topic.ts";

/** The port that is taken when it is free and none is asked for. */
export const DEFAULT_PORT = 9092;

/** The help of `npm run kafka`. */
export const USAGE = `Usage: npm run kafka -- [--port N] [--topic NAME:PARTITIONS]...

Starts an Apache Kafka broker on loopback with the topics visits and sessions, of
2 partitions each, until Ctrl-C.

  --port N                 the port, else ${DEFAULT_PORT} when that is free, else another
  --topic NAME:PARTITIONS  one more topic, or other partitions for visits or
                           sessions; may be given several times
  --help                   print this help

Example: npm run kafka -- --topic visits:4 --topic late_visits:1
`;

const TOPIC = /^(?!\.{1,2}:)([a-zA-Z0-9._-]{1,249}):([1-9]\d{0,3})$/;
const PARTITIONS_MAX = 1000;
const USUAL_TOPICS: readonly NewTopic[] = [
  { name: "visits", partitions: 2 },
  { name: "sessions", partitions: 2 },
];

/** What the command line asks of a local broker. */
export interface BrokerArguments {
  /** Undefined when any will do. */
  readonly port: number | undefined;
  readonly topics: NewTopic[];
  readonly isHelpAsked: boolean;
}

/** Reads the command line. Throws a `UsageError` that says what is wrong. */
export function readArguments(argv: readonly string[]): BrokerArguments {
  const { port, topic, help } = parse(argv);
  return {
    port: port === undefined ? undefined : portOf(port),
    topics: topicsOf(topic),
    isHelpAsked: help,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        port: { type: "string" },
        topic: { type: "string", multiple: true, default: [] },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    // Node goes on with advice that is of no use here.
    const [sentence] = messageOf(error).split(/\. |\n/, 1);
    throw wrong(`${sentence}, see npm run kafka -- --help`);
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
  throw wrong(`--port is "${text}", expected 1 to 65535`);
}

function topicsOf(texts: readonly string[]): NewTopic[] {
  const asked = texts.map(topicOf);
  const names = asked.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) throw wrong(`--topic names "${twice}" twice`);
  const usual = USUAL_TOPICS.filter(({ name }) => !names.includes(name));
  return [...usual, ...asked];
}

function topicOf(text: string): NewTopic {
  const [, name, count] = TOPIC.exec(text) ?? [];
  const partitions = Number(count);
  if (name !== undefined && partitions <= PARTITIONS_MAX) {
    return { name, partitions };
  }
  const right = `a name and 1 to ${PARTITIONS_MAX} partitions such as "visits:3"`;
  throw wrong(`--topic is "${text}", expected ${right}`);
}

function wrong(why: string): UsageError {
  return new UsageError(`Cannot start Kafka: ${why}`);
}
