import type { Kafka } from "kafkajs";
import kafkajsEncoder from "kafkajs/src/protocol/encoder.js";
import { FieldReader } from "../fields.ts";
import { callBroker } from "./broker_call.ts";
import { createFetchCluster, type FetchCluster } from "./fetch_seam.ts";
import type { SendBroker } from "./send_seam.ts";

// kafkajs deletes whole groups alone, with what they have committed of other
// topics. OffsetDelete is written and read here, with kafkajs' own encoder.
interface Encoder {
  writeString(text: string): Encoder;
  writeArray(items: readonly (Encoder | number)[]): Encoder;
}
const Encoder: new () => Encoder = kafkajsEncoder;

const OFFSET_DELETE = { apiKey: 47, apiVersion: 0, apiName: "OffsetDelete" };

/** Offsets of one topic that a group shall have no more. */
export interface OffsetDeletion {
  readonly group: string;
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** Kafka's error code, the first one; 0 when the group has them no more. */
export async function deleteOffsets(
  kafka: Kafka,
  { group, topic, partitions }: OffsetDeletion,
): Promise<number> {
  const cluster = createFetchCluster(kafka) as FetchCluster as FetchCluster & {
    findGroupCoordinator(options: { groupId: string }): Promise<SendBroker>;
  };
  try {
    await cluster.connect();
    const broker = await cluster.findGroupCoordinator({ groupId: group });
    const topics = [new Encoder().writeString(topic).writeArray(partitions)];
    return await callBroker(broker, {
      request: {
        ...OFFSET_DELETE,
        encode: async () => new Encoder().writeString(group).writeArray(topics),
      },
      response: { decode: async (payload) => readAnswer(payload) },
    });
  } finally {
    await cluster.disconnect();
  }
}

function readAnswer(payload: Buffer): number {
  const reader = new FieldReader(payload, 0);
  let code = reader.int16();
  reader.skip(4); // Throttle time.
  for (let topics = reader.int32(); topics > 0; topics--) {
    reader.skip(reader.int16()); // Name.
    for (let count = reader.int32(); count > 0; count--) {
      reader.skip(4); // Partition.
      // Read in any case: the next field is behind it.
      const own = reader.int16();
      code ||= own;
    }
  }
  return code;
}
