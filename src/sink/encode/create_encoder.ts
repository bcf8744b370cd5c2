import type { WindowKernel } from "../../kernel/host/window_kernel.ts";
import { KafkaEncoder } from "./kafka_encoder.ts";
import { LinesEncoder } from "./lines_encoder.ts";
import type { EncoderOptions, SessionEncoder } from "./session_encoder.ts";

/** The encoder that a shard's sink needs, for the sessions of a kernel. */
export function createEncoder(
  options: EncoderOptions,
  kernel: WindowKernel,
): SessionEncoder {
  return options.format === "kafka"
    ? new KafkaEncoder(options, kernel)
    : new LinesEncoder(options);
}
