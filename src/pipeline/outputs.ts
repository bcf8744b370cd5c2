import type { RunConfig, SinkSpec } from "../config/config.ts";
import type { Logger } from "../observe/logger.ts";
import type { EncoderOptions } from "../sink/encode/session_encoder.ts";
import { FileSideSink } from "../sink/lines/file_side_sink.ts";
import { FileSink } from "../sink/lines/file_sink.ts";
import type { OutputFileOptions } from "../sink/lines/output_file.ts";
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

/** What outputs are opened for, and what they wait and speak by. */
export interface OutputsOptions {
  readonly inputPartitions: number;
  /** Ends the wait for the reader of a FIFO. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * Checks and opens all outputs. Throws a `WorldError` for a missing topic, an
 * unreachable broker or an unwritable file.
 */
export async function openOutputs(
  config: RunConfig,
  { inputPartitions, signal, log }: OutputsOptions,
): Promise<Outputs> {
  const { to, lateTo, deadLetterTo } = config;
  const file = { existing: config.existingFile, signal, log };
  const opening: (SessionSink | SideSink)[] = [];
  const openSide = async (spec: SinkSpec | null) => {
    const sink = await sideSink(spec, config, { inputPartitions, file });
    if (sink === null) return null;
    opening.push(sink);
    await sink.open();
    return sink;
  };
  try {
    const output =
      to.kind === "kafka"
        ? await kafkaOutput(config, to.topic, inputPartitions)
        : lineOutput(to, { ...file, withMetadata: config.withMetadata });
    opening.push(output.sessions);
    await output.sessions.open();
    const late = await openSide(lateTo);
    return { ...output, late, deadLetters: await openSide(deadLetterTo) };
  } catch (error) {
    // What could not be opened says more than what cannot be closed.
    await Promise.allSettled(opening.map((sink) => sink.close()));
    throw error;
  }
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
  options: OutputFileOptions & { readonly withMetadata: boolean },
): SessionOutput {
  const path = to.kind === "file" ? to.path : null;
  const { withMetadata } = options;
  return {
    sessions: to.kind === "null" ? new NullSink() : new FileSink(path, options),
    encoder: { format: "lines", withMetadata, withOrder: false },
  };
}

/** The sink of a side output, not open yet; null when nothing is kept. */
async function sideSink(
  spec: SinkSpec | null,
  { kafka }: RunConfig,
  options: { inputPartitions: number; file: OutputFileOptions },
): Promise<SideSink | null> {
  if (spec === null || spec.kind === "null") return null;
  if (spec.kind === "kafka") {
    const { ensureTopic } = await import("../kafka/topics.ts");
    const { KafkaSideSink } = await import("../sink/kafka/kafka_side_sink.ts");
    const { topic } = spec;
    const { inputPartitions: partitionCount } = options;
    await ensureTopic(kafka, { topic, purpose: "write to", partitionCount });
    return new KafkaSideSink({ topic, kafka });
  }
  const path = spec.kind === "file" ? spec.path : null;
  return new FileSideSink(path, options.file);
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
