import { createKafka } from "../../src/kafka/client.ts";
import { createFetchCluster } from "../../src/kafka/private/fetch_seam.ts";
import { readTopicState } from "../../src/kafka/private/topic_seam.ts";
import { kafkaConfig } from "./kafka_config.ts";

/** The id that the brokers give a topic now, over a connection of its own. */
export async function topicIdOf(
  brokers: string,
  topic: string,
): Promise<string | null> {
  const cluster = createFetchCluster(createKafka(kafkaConfig(brokers)));
  await cluster.connect();
  try {
    await cluster.refreshMetadata();
    return (await readTopicState(cluster, topic)).id;
  } finally {
    await cluster.disconnect();
  }
}
