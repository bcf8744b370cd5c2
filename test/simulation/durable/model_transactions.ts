import type { CommittedOffset } from "../../../src/kafka/committed_offsets.ts";
import type { GroupSeat } from "../../../src/kafka/group_seat.ts";
import type { PartitionOffset } from "../kafka/group_offsets.ts";
import type { ModelKafka } from "../kafka/model_kafka.ts";
import type { ModelNetwork } from "../kafka/model_network.ts";
import { ModelProducer, type ModelProducerOptions } from "./model_producer.ts";
import { ModelSender } from "./model_sender.ts";

/** Between two looks at offsets that may still change, ms. */
const UNSTABLE_PAUSE_MS = 20;
/** After so long, ms, whoever has them open is fenced. */
const FENCE_AFTER_MS = 1_000;
/** A closing life waits so long, ms, for the end of a void transaction. */
const ABORT_MS = 1_500;

/** The transactions of one life, on the model of Kafka. */
export class ModelTransactions {
  readonly sender: ModelSender;
  readonly #producer: ModelProducer;
  readonly #network: ModelNetwork;
  readonly #options: ModelProducerOptions;

  constructor(network: ModelNetwork, options: ModelProducerOptions) {
    this.#network = network;
    this.#options = options;
    this.#producer = new ModelProducer(network, options);
    this.sender = new ModelSender(this.#producer);
  }

  get kafka(): ModelKafka {
    return this.#network.kafka;
  }

  async open(): Promise<void> {
    await this.#producer.identify();
  }

  /** What is committed and stays so. */
  async committed(
    partitions: readonly number[],
    transactionalIdOf: (metadata: string) => string | null,
  ): Promise<ReadonlyMap<number, CommittedOffset>> {
    const { process } = this.#network;
    const sinceMs = process.nowMs();
    const fenced = new Set([this.#options.transactionalId]);
    const stable = new Map<number, CommittedOffset>();
    for (let left = partitions; left.length > 0; ) {
      const found = await this.#fetch(left, true);
      for (const [partition, offset] of found) {
        if (offset === "unstable") continue;
        stable.set(partition, offset ?? { offset: null, metadata: "" });
      }
      left = left.filter((each) => !stable.has(each));
      if (left.length === 0) break;
      if (process.nowMs() - sinceMs >= FENCE_AFTER_MS) {
        for (const offset of (await this.#fetch(left, false)).values()) {
          if (offset === null || offset === "unstable") continue;
          const id = transactionalIdOf(offset.metadata);
          if (id === null || fenced.has(id)) continue;
          fenced.add(id);
          await this.#producer.initialize(id);
        }
      }
      await process.pause("offsets are not stable", UNSTABLE_PAUSE_MS);
    }
    return stable;
  }

  async commit(
    offsets: readonly PartitionOffset[],
    seat: GroupSeat,
  ): Promise<void> {
    try {
      const { failure } = this.#producer;
      if (failure !== null) throw failure;
      this.sender.assertDrained();
      await this.#producer.commit(offsets, seat);
    } catch (error) {
      this.sender.fail(error as Error);
      throw error;
    }
    this.sender.pump();
  }

  async close(): Promise<void> {
    const aborting = this.#producer.abort().catch(() => {});
    this.sender.fail(this.#producer.failure!);
    await Promise.race([
      aborting,
      this.#network.process.pause("the end of a transaction", ABORT_MS),
    ]);
    this.#producer.close();
  }

  async #fetch(partitions: readonly number[], requireStable: boolean) {
    const { kafka } = this.#network;
    const { group } = this.#options;
    return await this.#network.insist("OffsetFetch", () =>
      kafka.offsetFetch(group, partitions, { requireStable }),
    );
  }
}
