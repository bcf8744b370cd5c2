import type { RunConfig } from "../config/config.ts";
import type { Logger } from "../observe/logger.ts";
import type { Source } from "../source/source.ts";

/** The source that the configuration names; what it needs is loaded with it. */
export async function createSource(
  config: RunConfig,
  log: Logger,
): Promise<Source> {
  const { from, kafka, bounded, maxRecordBytes } = config;
  switch (from.kind) {
    case "generator": {
      const { GeneratorSource } = await import("../source/generator_source.ts");
      return new GeneratorSource(config.generator);
    }
    case "kafka": {
      const { KafkaSource } = await import("../source/kafka/kafka_source.ts");
      const { topic } = from;
      return new KafkaSource({ topic, kafka, bounded, logger: log });
    }
    default: {
      const { LineSource } = await import("../source/lines/line_source.ts");
      const path = from.kind === "file" ? from.path : null;
      return new LineSource(path, { maxRecordBytes, log });
    }
  }
}
