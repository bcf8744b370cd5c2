import { KafkaEncoder } from "./kafka_encoder.ts";
import { LinesEncoder } from "./lines_encoder.ts";
import type { EncoderOptions, SessionEncoder } from "./session_encoder.ts";

/** The encoder that a shard's sink needs. */
export function createEncoder(options: EncoderOptions): SessionEncoder {
  return options.format === "kafka"
    ? new KafkaEncoder(options)
    : new LinesEncoder(options);
}
