import type { KafkaConfig } from "./config.ts";
import type { KAFKA_OPTIONS } from "./kafka_options.ts";
import { readKafkaSecurity } from "./kafka_security.ts";
import type { ValuesOf } from "./option.ts";

/**
 * How to reach Kafka; reads the `--kafka-config` file when there is one, unless the
 * signal ends the wait for it.
 */
export async function kafkaConfigOf(
  values: ValuesOf<typeof KAFKA_OPTIONS>,
  group: string,
  signal?: AbortSignal,
): Promise<KafkaConfig> {
  return {
    brokers: values.brokers,
    group,
    createTopics: values["create-topics"],
    security: await readKafkaSecurity(values["kafka-config"], signal),
    securityFile: values["kafka-config"],
  };
}
