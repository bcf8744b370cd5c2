import deleteRecords from "kafkajs/src/protocol/requests/deleteRecords/index.js";
import { type BrokerCall, callBroker } from "./broker_call.ts";
import type { SendBroker } from "./send_seam.ts";

// Why this private module, of kafkajs 2.2.4 exactly: its public admin asks for
// the offsets of the topic with each deletion. Only its codec is used.

interface DeleteRecordsAnswer {
  readonly topics: readonly {
    readonly partitions: readonly { partition: number; errorCode: number }[];
  }[];
}

const codec: {
  protocol(options: { version: number }): (request: {
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { partition: number; offset: number }[];
    }[];
    readonly timeout: number;
  }) => BrokerCall<DeleteRecordsAnswer>;
} = deleteRecords;

const TIMEOUT_MS = 5_000;

/**
 * Has a leader delete the records of its partitions that lie before an offset;
 * resolves to the first error code, 0 for none.
 */
export async function deleteBefore(
  broker: SendBroker,
  topic: string,
  partitions: readonly { partition: number; offset: number }[],
): Promise<number> {
  const call = codec.protocol({ version: 1 });
  const answer = await callBroker(
    broker,
    call({ topics: [{ topic, partitions }], timeout: TIMEOUT_MS }),
  );
  const codes = answer.topics.flatMap((each) =>
    each.partitions.map(({ errorCode }) => errorCode),
  );
  return codes.find((code) => code !== 0) ?? 0;
}
