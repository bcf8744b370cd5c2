import type { GroupSeat } from "../../../src/kafka/group_seat.ts";
import type {
  PartitionProgress,
  Source,
  SourceEvent,
  StartOffset,
} from "../../../src/source/source.ts";
import { chunkOfBytes } from "../../support/built_chunk.ts";
import type { ModelNetwork } from "../kafka/model_network.ts";
import {
  ModelMembership,
  type ModelMembershipOptions,
} from "./model_membership.ts";

/** Batches of a fetch at most. */
const BATCHES_MAX = 4;
/** Between two looks at partitions that have nothing, ms. */
const POLL_MS = 120;
/** Between two looks at whether the topic is still the same, ms. */
const TOPIC_CHECK_MS = 700;

/** What a source reads, and how slow it is at most, ms. */
export type ModelSourceOptions = Omit<
  ModelMembershipOptions,
  "beforeRejoin" | "onAssigned" | "onFailure"
> & { readonly slowestMs: number };

/** Where a partition is read. */
interface Reading {
  position: number | null;
}

/** Reads a topic of the model of Kafka, as a member of its group. */
export class ModelSource implements Source {
  readonly topic: string;
  readonly goneRecords = 0;
  partitionCount = 0;
  /** Chunks that were given out and not given back. */
  lent = 0;
  readonly #network: ModelNetwork;
  readonly #options: ModelSourceOptions;
  readonly #membership: ModelMembership;
  readonly #owned = new Map<number, Reading>();
  #assigned: SourceEvent | null = null;
  #seat: GroupSeat | null = null;
  /** What the group has given last. */
  #given: readonly number[] = [];
  #topicId = "";
  #beforeRejoin: () => Promise<void> = async () => {};
  #failure: unknown = null;
  #isStopped = false;
  #stopChecks = () => {};

  constructor(network: ModelNetwork, options: ModelSourceOptions) {
    this.topic = options.topic;
    this.#network = network;
    this.#options = options;
    this.#membership = new ModelMembership(network, {
      ...options,
      beforeRejoin: () => this.#beforeRejoin(),
      onAssigned: (partitions, seat) => this.#assign(partitions, seat),
      onFailure: (error) => {
        this.#failure = error;
      },
    });
  }

  async open(): Promise<void> {
    const { kafka, process } = this.#network;
    const topic = await this.#network.insist("Metadata", () =>
      kafka.topic(this.topic),
    );
    this.partitionCount = topic.partitions.length;
    this.#topicId = topic.id;
    this.#stopChecks = process.every(TOPIC_CHECK_MS, () => this.#checkTopic());
    this.#membership.start();
  }

  async *events(): AsyncIterable<SourceEvent> {
    const { process, random } = this.#network;
    while (!this.#isStopped) {
      if (this.#failure !== null) throw this.#failure;
      const assigned = this.#assigned;
      const ready = this.#ready();
      if (assigned !== null) {
        this.#assigned = null;
        this.#own(assigned);
        yield assigned;
      } else if (ready.length > 0) {
        yield this.#read(random.pick(ready));
      }
      const isSlow = random.below(4) === 0;
      const ms = isSlow ? random.below(this.#options.slowestMs) : 0;
      const waitMs = assigned === null && ready.length === 0 ? POLL_MS : 0;
      await process.pause("source", ms + waitMs);
    }
  }

  get isReady(): boolean {
    return this.#ready().length > 0;
  }

  begin(partition: number, from: StartOffset): void {
    const reading = this.#owned.get(partition);
    if (reading === undefined) throw new Error(`${partition} is not owned`);
    reading.position = from === "earliest" ? 0 : from;
  }

  onRejoin(hook: () => Promise<void>): void {
    this.#beforeRejoin = hook;
  }

  partitions(): readonly PartitionProgress[] {
    return [...this.#owned].map(([partition, { position }]) => {
      // It has no records of the topic that was.
      const endOffset = this.#isSame ? this.#log(partition).endOffset : null;
      const isKnown = position !== null && endOffset !== null;
      const lag = isKnown ? endOffset - position : null;
      const isCaughtUp = lag === 0;
      return { partition, position, endOffset, lag, isCaughtUp };
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopChecks();
  }

  async close(): Promise<void> {
    this.stop();
    await this.#membership.leave();
  }

  #log(partition: number) {
    return this.#network.kafka.partition(this.topic, partition);
  }

  /** False from when another topic has the name until that is noticed. */
  get #isSame(): boolean {
    const { kafka } = this.#network;
    return !kafka.isAway && kafka.topic(this.topic).id === this.#topicId;
  }

  #assign(partitions: readonly number[], seat: GroupSeat): void {
    if (this.#isStopped) return;
    this.#seat = seat;
    this.#given = partitions;
    const topicId = this.#topicId;
    const restarted = partitions;
    this.#assigned = { kind: "assigned", partitions, restarted, topicId, seat };
    const { memberId, generationId } = seat;
    this.#network.process.note(
      `${memberId} in ${generationId} has ${partitions}`,
    );
  }

  #own(event: SourceEvent): void {
    this.#owned.clear();
    if (event.kind !== "assigned") return;
    for (const each of event.partitions) {
      this.#owned.set(each, { position: null });
    }
  }

  /** The name may belong to another topic by now. */
  #checkTopic(): void {
    const { kafka } = this.#network;
    if (kafka.isAway || this.#seat === null || this.#isSame) return;
    const { id, partitions } = kafka.topic(this.topic);
    this.#topicId = id;
    const kept = this.#given.filter((each) => each < partitions.length);
    this.#assign(kept, this.#seat);
  }

  #ready(): number[] {
    if (!this.#isSame) return [];
    return [...this.#owned]
      .filter(
        ([partition, { position }]) =>
          position !== null && position < this.#log(partition).endOffset,
      )
      .map(([partition]) => partition);
  }

  #read(partition: number): SourceEvent {
    const reading = this.#owned.get(partition)!;
    const entriesMax = this.#network.random.between(1, BATCHES_MAX);
    const options = { isCommitted: true, entriesMax };
    const firstOffset = reading.position!;
    const entries = this.#log(partition).read(firstOffset, options);
    const batches = entries.map(({ bytes }) => bytes!);
    const fetchedAtMs = this.#network.process.nowMs();
    const range = { partition, firstOffset, fetchedAtMs };
    const chunk = chunkOfBytes(batches, range);
    reading.position = entries.at(-1)!.endOffset;
    this.lent++;
    return {
      kind: "records",
      chunk: {
        ...chunk,
        // Bytes are overwritten as soon as they are given back.
        release: () => {
          this.lent--;
          chunk.bytes.fill("x");
          chunk.release();
        },
      },
    };
  }
}
