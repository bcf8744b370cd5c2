import { WorldError } from "../../../src/errors.ts";
import type { Chunk } from "../../../src/record/chunk.ts";
import type { LogRange } from "../../../src/source/kafka/log_reader.ts";
import { chunkOfBytes } from "../../support/built_chunk.ts";
import { isKafkaError } from "../kafka/kafka_error.ts";
import type { ModelNetwork } from "../kafka/model_network.ts";

const FETCHED_MAX = 4;
/** Between two looks at a log whose transactions are open, ms. */
const WAIT_MS = 25;

/** Reads exactly the committed records of ranges of a log, as the product does. */
export async function readModelLog(
  network: ModelNetwork,
  topic: string,
  ranges: readonly LogRange[],
  take: (chunk: Chunk) => Promise<void>,
): Promise<void> {
  for (const range of ranges) await readRange(network, topic, range, take);
}

async function readRange(
  network: ModelNetwork,
  topic: string,
  { partition, from, end }: LogRange,
  take: (chunk: Chunk) => Promise<void>,
): Promise<void> {
  const options = { isCommitted: true, entriesMax: FETCHED_MAX };
  for (let at = from; at < end; ) {
    const entries = await fetch(network, `Fetch ${topic}`, () =>
      network.kafka.partition(topic, partition).read(at, options),
    );
    const wanted = entries.filter(
      ({ bytes, outcome, baseOffset }) =>
        bytes !== null && outcome !== "aborted" && baseOffset < end,
    );
    if (wanted.length > 0) {
      const batches = wanted.map(({ bytes }) => bytes!);
      const range = { partition, firstOffset: from, endOffset: end };
      await take(chunkOfBytes(batches, range));
    }
    at = entries.at(-1)?.endOffset ?? at;
    if (entries.length === 0) await network.process.pause("log", WAIT_MS);
  }
}

async function fetch<T>(
  network: ModelNetwork,
  label: string,
  work: () => T,
): Promise<T> {
  try {
    return await network.insist(label, work);
  } catch (error) {
    if (!isKafkaError(error, "OFFSET_OUT_OF_RANGE")) throw error;
    throw new WorldError(`${label}: the log does not have it any more`);
  }
}
