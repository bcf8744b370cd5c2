import type { KafkaConfig } from "../../src/config/config.ts";

/** The settings of a job that talks to `brokers`. */
export function kafkaConfig(
  brokers: string,
  overrides: Partial<KafkaConfig> = {},
): KafkaConfig {
  return {
    brokers: brokers.split(","),
    group: "visits_reader",
    createTopics: false,
    security: {},
    ...overrides,
  };
}
