import type { EncodedFields } from "../fields.ts";
import type { SendBroker } from "./send_seam.ts";

// kafkajs' brokers throw the first error code that they find in an answer, and
// know those of Kafka 2.7 alone. So requests are sent here past them, over the
// same connections, and their answers are handed on as they are.

/** A request and how to read its answer, as kafkajs' connections take them. */
export interface BrokerCall<A> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<unknown>;
  };
  readonly response: { decode(payload: Buffer): Promise<A> };
}

/**
 * Resolves to what the broker answers, error codes and all. Throws what kafkajs
 * throws when there is no answer, and an error that is not retriable when the
 * broker is too old.
 */
export async function callBroker<A>(
  broker: SendBroker,
  { request, response }: BrokerCall<A>,
): Promise<A> {
  const { apiKey, apiVersion, apiName } = request;
  const { maxVersion = -1 } = broker.versions[apiKey] ?? {};
  if (maxVersion < apiVersion) {
    const error = new Error(
      `the broker speaks ${apiName} v${maxVersion}, ` +
        `expected v${apiVersion} (Kafka 2.5 or newer)`,
    );
    throw Object.assign(error, { retriable: false });
  }
  try {
    const answer = await broker.connectionPool.send({
      request,
      response: {
        decode: (payload: Buffer) => response.decode(payload),
        parse: async (decoded: A) => decoded,
      },
      logResponseError: false,
    });
    return answer as A;
  } catch (error) {
    // As kafkajs' own requests do, so that the next attempt connects anew.
    if ((error as Error).name === "KafkaJSConnectionClosedError") {
      await broker.disconnect();
    }
    throw error;
  }
}

/** A call in a flexible version: encoded by `FieldWriter`, header and all. */
export function flexibleCall<A>(
  request: Omit<BrokerCall<A>["request"], "encode">,
  encoded: EncodedFields,
  decode: (payload: Buffer) => A,
): BrokerCall<A> {
  return {
    request: { ...request, encode: async () => encoded },
    response: { decode: async (payload) => decode(payload) },
  };
}
