import type { KafkaSourceConfig } from "../../src/config/config.ts";
import { type GroupSeat, OwnSeat } from "../../src/kafka/group_seat.ts";
import { KafkaSource } from "../../src/source/kafka/kafka_source.ts";
import type { MemberJob } from "../../src/source/kafka/member_jobs.ts";
import type {
  PartitionProgress,
  SourceEvent,
  StartOffset,
} from "../../src/source/source.ts";
import { type WalkedRecord, walkChunk } from "./built_chunk.ts";
import { kafkaConfig } from "./kafka_config.ts";

/** A source that is read in the background, and all that came of it. */
export class KafkaSourceRun {
  readonly source: KafkaSource;
  readonly records: WalkedRecord[] = [];
  /** Events other than records, as they came. */
  readonly events: Exclude<SourceEvent, { kind: "records" }>[] = [];
  readonly warnings: string[] = [];
  readonly infos: string[] = [];
  /** Where partitions begin. */
  from: StartOffset = "earliest";
  #reading: Promise<void> = Promise.resolve();

  constructor(
    brokers: string,
    options: {
      topic: string;
      bounded: boolean;
      group?: string;
      source?: Partial<KafkaSourceConfig>;
      restartsAll?: boolean;
      seat?: GroupSeat | null;
      job?: MemberJob;
    },
  ) {
    const { topic, bounded, group = `group-of-${topic}` } = options;
    const { restartsAll = false, seat = null, job } = options;
    const logger = {
      warn: (text: string) => this.warnings.push(text),
      info: (text: string) => this.infos.push(text),
    };
    const source = {
      createSource: false,
      metadataIntervalMs: 30_000,
      onNewTopic: "stop" as const,
      instance: null,
      sessionTimeoutMs: 10_000,
      ...options.source,
    };
    const kafka = kafkaConfig(brokers, { group });
    this.source = new KafkaSource({
      ...{ topic, bounded, kafka, source, logger },
      ...{ restartsAll, ownSeat: new OwnSeat(seat), framesMax: 4 },
      ...(job === undefined ? {} : { job }),
    });
  }

  /** All assignments so far. */
  get assignments(): Extract<SourceEvent, { kind: "assigned" }>[] {
    return this.events.filter((event) => event.kind === "assigned");
  }

  /** The partitions that it owns now. */
  get owned(): readonly number[] {
    return this.assignments.at(-1)?.partitions ?? [];
  }

  /** Who it is in its group, by the last assignment. */
  get seat(): GroupSeat | null {
    return this.assignments.at(-1)?.seat ?? null;
  }

  /** Opens the source; joins its group if it has one. */
  async open(): Promise<void> {
    await this.source.open();
    await this.source.join();
  }

  /** Opens the source and begins to read it. */
  async start(): Promise<void> {
    await this.open();
    this.read();
  }

  /** Begins to read the source, which is open, or what is left of its events. */
  read(events = this.source.events()): void {
    this.#reading = this.#read(events);
    // It may fail before the test looks: `ended` says so then.
    this.#reading.catch(() => {});
  }

  /** What the source says of a partition. */
  progress(partition: number): PartitionProgress | undefined {
    return this.source
      .partitions()
      .find((each) => each.partition === partition);
  }

  /** True when nothing of the partition is unread. */
  isCaughtUp(partition: number): boolean {
    return this.progress(partition)?.isCaughtUp ?? false;
  }

  /** Resolves when the events have ended. */
  async ended(): Promise<void> {
    await this.#reading;
  }

  /** Stops and closes, whatever has come. */
  async close(): Promise<void> {
    this.source.stop();
    await this.#reading;
    await this.source.close();
  }

  async #read(events: AsyncIterable<SourceEvent>): Promise<void> {
    for await (const event of events) {
      if (event.kind !== "records") {
        this.events.push(event);
        if (event.kind === "assigned") {
          for (const each of event.restarted) {
            const isVoid = event.voided?.includes(each) ?? false;
            this.source.begin(each, isVoid ? "earliest" : this.from);
          }
        }
        continue;
      }
      this.records.push(...walkChunk(event.chunk));
      event.chunk.release();
    }
  }
}

/** All records of a bounded run, by partition and offset. */
export async function readBounded(
  brokers: string,
  topic: string,
): Promise<WalkedRecord[]> {
  const run = new KafkaSourceRun(brokers, { topic, bounded: true });
  await run.start();
  await run.ended();
  await run.close();
  return sortRecords(run.records);
}

/** By partition, then offset. */
export function sortRecords(records: readonly WalkedRecord[]): WalkedRecord[] {
  return [...records].sort(
    (a, b) => a.partition - b.partition || a.offset - b.offset,
  );
}
