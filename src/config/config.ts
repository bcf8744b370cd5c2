/** Where visits come from. */
export type SourceSpec =
  | { readonly kind: "generator" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "stdin" }
  | { readonly kind: "kafka"; readonly topic: string };

/** Where sessions, late visits or dead letters go. */
export type SinkSpec =
  | { readonly kind: "stdout" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "null" }
  | { readonly kind: "kafka"; readonly topic: string };

/** A topic, as a place. */
export type TopicSpec = SinkSpec & { readonly kind: "kafka" };

/** Where a server listens; port 0 is one that is free. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What becomes of an output file that exists and is not empty. */
export type ExistingFile = "refuse" | "overwrite" | "append";

/** The rules that decide about sessions; durations in ms. */
export interface WindowConfig {
  readonly gapMs: number;
  readonly outOfOrdernessMs: number;
  readonly allowedLatenessMs: number;
  readonly timePrecision: "s" | "ms";
  /** What orders the pages of a session: `event_time` as text, or its instant. */
  readonly pageOrder: "text" | "time";
  /** How far an event time may be ahead of its record; null for no check. */
  readonly maxSkewMs: number | null;
}

/** How to reach Kafka. */
export interface KafkaConfig {
  readonly brokers: readonly string[];
  readonly group: string;
  readonly createTopics: boolean;
  /** TLS and SASL settings as kafkajs takes them (`--kafka-config`). */
  readonly security: Readonly<Record<string, unknown>>;
  /** The file that they are from; null or left out where there is none. */
  readonly securityFile?: string | null;
}

/**
 * What becomes of open sessions when their topic is made anew or its log is
 * cut: the run stops, they are emitted, or they are dropped.
 */
export type OnNewTopic = "stop" | "flush" | "drop";

/** How a Kafka topic is read. */
export interface KafkaSourceConfig {
  readonly createSource: boolean;
  /** How often new partitions and a new topic are looked for, ms. */
  readonly metadataIntervalMs: number;
  readonly onNewTopic: OnNewTopic;
  /** Name of a static member of the group; null for a member without a name. */
  readonly instance: string | null;
  /** A member that is silent for so long has left the group, ms. */
  readonly sessionTimeoutMs: number;
}

/** What a run keeps in Kafka so that another one goes on where it ended. */
export interface Durability {
  readonly guarantee: "exactly-once" | "at-least-once";
  /** Outputs, offsets and open windows are committed this often, ms. */
  readonly commitIntervalMs: number;
  /** The broker aborts a transaction that is open for longer, ms. */
  readonly transactionTimeoutMs: number;
  /** The topic of the open windows. */
  readonly windowLog: string;
  readonly transactionalId: string;
  /** A shard that does not answer a task for so long has failed, ms. */
  readonly shardTimeoutMs: number;
}

/** The effective configuration of `sessionmill run`. */
export interface RunConfig {
  readonly from: SourceSpec;
  readonly to: SinkSpec;
  readonly lateTo: SinkSpec | null;
  readonly deadLetterTo: SinkSpec | null;
  readonly existingFile: ExistingFile;
  readonly workers: number;
  readonly window: WindowConfig;
  readonly idleTimeoutMs: number;
  readonly bounded: boolean;
  /** The result follows from the input alone, not from time or speed. */
  readonly deterministic: boolean;
  readonly withMetadata: boolean;
  readonly routeBy: "visit_id" | "key";
  readonly maxRecordBytes: number;
  readonly maxInFlightBytes: number;
  readonly kafka: KafkaConfig;
  readonly kafkaSource: KafkaSourceConfig;
  /** Null for a run that commits nothing. */
  readonly durability: Durability | null;
  readonly generator: GeneratorConfig;
  /** Folder for `.hgrm` and `.hlog` files, null for none. */
  readonly histograms: string | null;
}

/** What the generator makes; percentages are of all rows, 0 to 100. */
export interface GeneratorConfig {
  /** Number of visits, null for no end. */
  readonly count: number | null;
  /** Visits a second, null for as many as possible. */
  readonly ratePerSecond: number | null;
  readonly seed: number;
  /** Visitors that are active at the same time. */
  readonly active: number;
  readonly startTimeMs: number;
  readonly latePercent: number;
  readonly duplicatePercent: number;
  readonly missingPercent: number;
  readonly unprocessablePercent: number;
}
