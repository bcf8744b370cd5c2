import type { RunConfig, SinkSpec } from "../config/config.ts";
import type { Outage } from "../kafka/outage.ts";
import type { Sender } from "../kafka/sender.ts";
import type { Logger } from "../observe/logger.ts";
import { RateLimitedWarning } from "../observe/rate_limited_warning.ts";
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
  /** What all of them that are topics send with; null: it is not theirs to close. */
  readonly sender: Sender | null;
}

/** What outputs are opened for, and what they wait and speak by. */
export interface OutputsOptions {
  readonly inputPartitions: number;
  /** Ends the wait for the reader of a FIFO. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** The story of the brokers, which the source tells too. */
  readonly outage: Outage;
  /** What topics are written with, opened by its owner; else one is made. */
  readonly sender?: Sender | null;
}

/**
 * Checks and opens all outputs. Throws a `WorldError` for a missing topic, an
 * unreachable broker or an unwritable file.
 */
export async function openOutputs(
  config: RunConfig,
  options: OutputsOptions,
): Promise<Outputs> {
  const opening = new OpeningOutputs(config, options);
  try {
    return await opening.open();
  } catch (error) {
    await opening.close();
    throw error;
  }
}

/** Outputs while they are being opened: the first topic brings the sender. */
class OpeningOutputs {
  readonly #sinks: (SessionSink | SideSink)[] = [];
  #sender: Sender | null = null;
  readonly #config: RunConfig;
  readonly #options: OutputsOptions;

  constructor(config: RunConfig, options: OutputsOptions) {
    this.#config = config;
    this.#options = options;
  }

  async open(): Promise<Outputs> {
    const { to, lateTo, deadLetterTo, withMetadata } = this.#config;
    const file = this.#file;
    const output =
      to.kind === "kafka"
        ? await this.#topicOutput(to.topic)
        : lineOutput(to, { ...file, withMetadata });
    this.#sinks.push(output.sessions);
    await output.sessions.open();
    const late = await this.#openSide(lateTo, "late visits");
    const deadLetters = await this.#openSide(deadLetterTo, "dead letters");
    return { ...output, late, deadLetters, sender: this.#sender };
  }

  /** What could not be opened says more than what cannot be closed. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#sinks.map((sink) => sink.close()));
    await this.#sender?.close();
  }

  get #file(): OutputFileOptions {
    const { signal, log } = this.#options;
    const { existingFile: existing, durability } = this.#config;
    const { to, lateTo, deadLetterTo } = this.#config;
    const written = [to, lateTo, deadLetterTo].filter(
      (sink) => sink !== null && sink.kind !== "null",
    );
    const isOnlyOutput = written.length === 1;
    const cutsTornLine = durability !== null;
    return { existing, cutsTornLine, isOnlyOutput, signal, log };
  }

  async #topicOutput(topic: string): Promise<SessionOutput> {
    const { KafkaSink } = await import("../sink/kafka/kafka_sink.ts");
    const prepared = await this.#prepare(topic);
    const sender = await this.#openSender();
    return {
      sessions: new KafkaSink(sender, { topic, ...prepared }),
      encoder: { format: "kafka", ...prepared },
    };
  }

  async #openSide(
    spec: SinkSpec | null,
    things: string,
  ): Promise<SideSink | null> {
    if (spec === null || spec.kind === "null") return null;
    const sink =
      spec.kind === "kafka"
        ? await this.#topicSide(spec.topic, things)
        : new FileSideSink(spec.kind === "file" ? spec.path : null, this.#file);
    this.#sinks.push(sink);
    await sink.open();
    return sink;
  }

  async #topicSide(topic: string, things: string): Promise<SideSink> {
    const { KafkaSideSink } = await import("../sink/kafka/kafka_side_sink.ts");
    const prepared = await this.#prepare(topic);
    const sender = await this.#openSender();
    const warning = new RateLimitedWarning(this.#options.log);
    const written = { topic, things, ...prepared };
    return new KafkaSideSink(sender, { ...written, warning });
  }

  async #prepare(topic: string) {
    const { prepareOutputTopic } = await import("../kafka/topics.ts");
    const partitionCount = this.#options.inputPartitions;
    return await prepareOutputTopic(this.#config.kafka, {
      topic,
      partitionCount,
    });
  }

  async #openSender(): Promise<Sender> {
    const owned = this.#options.sender ?? this.#sender;
    if (owned !== null) return owned;
    // Not loaded for those who do not use it: kafkajs takes its time.
    const { Sender } = await import("../kafka/sender.ts");
    const { outage, log, signal } = this.#options;
    const warn = (text: string) => log.warn(text);
    const sender = new Sender({ kafka: this.#config.kafka, outage, warn });
    this.#sender = sender;
    await sender.open();
    signal.addEventListener("abort", () => sender.stopSoon(), { once: true });
    if (signal.aborted) sender.stopSoon();
    return sender;
  }
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

/** The run begins: what is to be overwritten goes. Throws a `WorldError`. */
export function beginOutputs({ sessions, late, deadLetters }: Outputs): void {
  for (const sink of [sessions, late, deadLetters]) sink?.begin?.();
}

/** Resolves when what the outputs have taken survives the host. */
export async function flushOutputs(outputs: Outputs): Promise<void> {
  const { sessions, late, deadLetters } = outputs;
  await Promise.all([
    sessions.flush?.(),
    late?.flush?.(),
    deadLetters?.flush?.(),
  ]);
}

/** Waits for all writes, then closes; the first failure is thrown at the end. */
export async function closeOutputs(outputs: Outputs): Promise<void> {
  const { sessions, late, deadLetters, sender } = outputs;
  // After a failure something may still wait for a broker that is away.
  sender?.stopSoon();
  const results = await Promise.allSettled([
    sessions.close(),
    late?.close(),
    deadLetters?.close(),
  ]);
  await sender?.close();
  for (const result of results) {
    if (result.status === "rejected") throw result.reason;
  }
}
