import { testClient } from "../e2e/produce.ts";

/** How many records a topic has. */
export async function recordsIn(
  brokers: string,
  topic: string,
): Promise<number> {
  const admin = testClient(brokers).admin();
  await admin.connect();
  try {
    const partitions = await admin.fetchTopicOffsets(topic);
    return partitions.reduce((sum, { high }) => sum + Number(high), 0);
  } finally {
    await admin.disconnect();
  }
}
