import { randomUUID } from "node:crypto";
import process from "node:process";
import {
  createTopics,
  type TopicOptions,
} from "../../docker/local_kafka/create_topic.ts";
import {
  type StartKafkaOptions,
  startKafka,
} from "../../docker/local_kafka/kafka_broker.ts";

/** The broker that the tests of this process share. */
export interface TestKafka {
  /** The bootstrap addresses, comma-joined. */
  brokers: string;
  /** Creates a topic whose name begins with `prefix` and is unique. */
  newTopic(prefix: string, options: TopicOptions): Promise<string>;
  /** Creates the topic `name`. */
  createTopic(name: string, options: TopicOptions): Promise<void>;
}

/** The variable that names brokers to test against, instead of starting one. */
export const BROKERS_VARIABLE = "SESSIONMILL_TEST_BROKERS";

let shared: Promise<TestKafka> | undefined;

/**
 * A real Kafka: the one `SESSIONMILL_TEST_BROKERS` names, else one that is
 * started at the first call and ends with this process. Throws a sentence that
 * says what to install where neither is to be had.
 */
export function testKafka(): Promise<TestKafka> {
  shared ??= connect();
  return shared;
}

/** Settings that make a broker quick to start for tests alone. */
export const TEST_BROKER: StartKafkaOptions = { heapMb: 512 };

async function connect(): Promise<TestKafka> {
  const given = process.env[BROKERS_VARIABLE];
  const brokers = given || (await startKafka(TEST_BROKER)).brokers;
  return {
    brokers,
    async newTopic(prefix, options) {
      const name = `${prefix}-${randomUUID()}`;
      await createTopics(brokers, [{ name, ...options }]);
      return name;
    },
    createTopic: (name, options) =>
      createTopics(brokers, [{ name, ...options }]),
  };
}
