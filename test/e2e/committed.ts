import type { Admin } from "kafkajs";

/** The offsets that a group of the topic's name has committed; none while they are not to be had. */
export async function committedOffsets(
  admin: Admin,
  topic: string,
): Promise<number[]> {
  try {
    const query = { groupId: topic, topics: [topic] };
    const [offsets] = await admin.fetchOffsets(query);
    return offsets!.partitions.map(({ offset }) => Number(offset));
  } catch (error) {
    // A broker that has just started may not be the coordinator yet.
    if ((error as { retriable?: boolean }).retriable !== true) throw error;
    return [];
  }
}
