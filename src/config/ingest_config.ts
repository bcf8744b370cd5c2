import { UsageError } from "../errors.ts";
import type { Address, KafkaConfig } from "./config.ts";
import type { IngestValues } from "./ingest_options.ts";
import { kafkaConfigOf } from "./kafka_config.ts";

/** The effective configuration of `sessionmill ingest`. */
export interface IngestConfig {
  readonly topic: string;
  readonly listen: Address;
  /** What clients must show; null for no token. */
  readonly token: string | null;
  /** The origins whose pages may send visits, `*` for any; null for none. */
  readonly cors: readonly string[] | null;
  /** How long clients hear that it stops before it takes no more, ms. */
  readonly drainMs: number;
  readonly bodyBytesMax: number;
  readonly waitingBytesMax: number;
  readonly maxRecordBytes: number;
  /** How far an event time may be ahead of now; null for no check. */
  readonly maxSkewMs: number | null;
  readonly kafka: KafkaConfig;
}

/**
 * Reads the `--kafka-config` file when there is one, unless the signal ends the wait
 * for it. Throws a `UsageError` for
 * limits that would never let a body in.
 */
export async function ingestConfigOf(
  values: IngestValues,
  signal?: AbortSignal,
): Promise<IngestConfig> {
  if (values["max-waiting-bytes"] < values["max-body-bytes"]) {
    throw new UsageError(
      "Cannot ingest: --max-waiting-bytes must be at least --max-body-bytes, or some bodies would never be taken",
    );
  }
  return {
    topic: values["visits-to"].topic,
    listen: values.listen,
    token: values["ingest-token"],
    cors: values.cors,
    drainMs: values.drain,
    bodyBytesMax: values["max-body-bytes"],
    waitingBytesMax: values["max-waiting-bytes"],
    maxRecordBytes: values["max-record-bytes"],
    maxSkewMs: values["max-skew"],
    kafka: await kafkaConfigOf(values, "ingest", signal),
  };
}
