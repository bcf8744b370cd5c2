import type { RunConfig, SinkSpec } from "../config/config.ts";
import type { EncoderOptions } from "../sink/encode/session_encoder.ts";
import { FileSideSink } from "../sink/lines/file_side_sink.ts";
import { FileSink } from "../sink/lines/file_sink.ts";
import { NullSink } from "../sink/null_sink.ts";
import type { SessionSink, SideSink } from "../sink/sink.ts";

/** A sink of sessions, and how the shards encode for it. */
interface SessionOutput {
  readonly sessions: SessionSink;
  readonly encoder: EncoderOptions;
}

/** Where everything that leaves the job goes, opened. */
export interface Outputs extends SessionOutput {
  /** null: late visits are only counted. */
  readonly late: SideSink | null;
  /** null: rejected records are only counted, and warned of. */
  readonly deadLetters: SideSink | null;
}

/**
 * Checks and opens all outputs. Throws a `WorldError` for a missing topic, an
 * unreachable broker or an unwritable file.
 */
export async function openOutputs(
  config: RunConfig,
  inputPartitions: number,
): Promise<Outputs> {
  const { to, lateTo, deadLetterTo } = config;
  const output =
    to.kind === "kafka"
      ? await kafkaOutput(config, to.topic, inputPartitions)
      : lineOutput(to, config.withMetadata);
  await output.sessions.open();
  const side = (spec: SinkSpec | null) =>
    openSide(spec, config, inputPartitions);
  return {
    ...output,
    late: await side(lateTo),
    deadLetters: await side(deadLetterTo),
  };
}

async function kafkaOutput(
  { kafka }: RunConfig,
  topic: string,
  partitionCount: number,
): Promise<SessionOutput> {
  const { prepareOutputTopic } = await import("../kafka/topics.ts");
  const { KafkaSink } = await import("../sink/kafka/kafka_sink.ts");
  const prepared = await prepareOutputTopic(kafka, { topic, partitionCount });
  return {
    sessions: new KafkaSink({ topic, kafka, ...prepared }),
    encoder: { format: "kafka", ...prepared },
  };
}

function lineOutput(
  to: Exclude<SinkSpec, { kind: "kafka" }>,
  withMetadata: boolean,
): SessionOutput {
  const path = to.kind === "file" ? to.path : null;
  return {
    sessions: to.kind === "null" ? new NullSink() : new FileSink(path),
    encoder: { format: "lines", withMetadata, withOrder: false },
  };
}

async function openSide(
  spec: SinkSpec | null,
  { kafka }: RunConfig,
  partitionCount: number,
): Promise<SideSink | null> {
  if (spec === null || spec.kind === "null") return null;
  let sink: SideSink;
  if (spec.kind === "kafka") {
    const { ensureTopic } = await import("../kafka/topics.ts");
    const { KafkaSideSink } = await import("../sink/kafka/kafka_side_sink.ts");
    const { topic } = spec;
    await ensureTopic(kafka, { topic, purpose: "write to", partitionCount });
    sink = new KafkaSideSink({ topic, kafka });
  } else {
    sink = new FileSideSink(spec.kind === "file" ? spec.path : null);
  }
  await sink.open();
  return sink;
}

/** Waits for all writes, then closes; the first failure is thrown at the end. */
export async function closeOutputs(outputs: Outputs): Promise<void> {
  const { sessions, late, deadLetters } = outputs;
  const results = await Promise.allSettled([
    sessions.close(),
    late?.close(),
    deadLetters?.close(),
  ]);
  for (const result of results) {
    if (result.status === "rejected") throw result.reason;
  }
}
