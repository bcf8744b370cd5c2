import { RecoverableError, WorldError } from "../../../src/errors.ts";
import type { GroupSeat } from "../../../src/kafka/group_seat.ts";
import type { PartitionOffset } from "../kafka/group_offsets.ts";
import { isKafkaError } from "../kafka/kafka_error.ts";
import { groupPlace } from "../kafka/model_kafka.ts";
import type { ModelNetwork } from "../kafka/model_network.ts";
import type { Producer } from "../kafka/model_partition.ts";

/** Until CONCURRENT_TRANSACTIONS is asked again, ms. */
const CONCURRENT_MS = 2;

/** The end of a process whose name another one has taken. */
export const NAME_TAKEN = "another process has taken that name";

const FENCED = "FENCED_INSTANCE_ID";
/** Asked again so soon whether a seat is taken, ms, and for so long. */
const TAKEN_PAUSE_MS = 100;
const TAKEN_MS = 3_000;

/** Whose transactions they are. */
export interface ModelProducerOptions {
  readonly group: string;
  readonly transactionalId: string;
  readonly timeoutMs: number;
}

/**
 * A transactional producer that asks the model of Kafka as the product asks a
 * broker: what must not arrive late is asked once, and the first failure ends it.
 */
export class ModelProducer {
  readonly network: ModelNetwork;
  readonly #options: ModelProducerOptions;
  readonly #added = new Map<string, Promise<void>>();
  #identity: Producer | null = null;
  #isFenced = false;
  #isClosed = false;
  isCommitting = false;
  failure: Error | null = null;

  constructor(network: ModelNetwork, options: ModelProducerOptions) {
    this.network = network;
    this.#options = options;
  }

  /** Throws before `identify`. */
  get identity(): Producer & { readonly transactionalId: string } {
    if (this.#identity === null) throw new Error("The producer has no id yet");
    const { transactionalId } = this.#options;
    return { transactionalId, ...this.#identity };
  }

  /** Fences whoever had the transactional id before. */
  async identify(): Promise<void> {
    this.#identity = await this.initialize(this.#options.transactionalId);
  }

  /** Fences a transactional id; resolves to the producer that has it then. */
  async initialize(transactionalId: string): Promise<Producer> {
    const { timeoutMs } = this.#options;
    return await this.#ask("InitProducerId", { isRepeatable: true }, (kafka) =>
      kafka.transactions.initProducerId(transactionalId, timeoutMs),
    );
  }

  /** Takes a place into the transaction. */
  async add(place: string): Promise<void> {
    let adding = this.#added.get(place);
    if (adding === undefined) {
      const producer = this.identity;
      adding = this.#ask("Add", { isRepeatable: true }, (kafka) =>
        kafka.transactions.add(producer, [place]),
      );
      this.#added.set(place, adding);
    }
    await adding;
  }

  /** Commits the transaction, with these offsets. */
  async commit(
    offsets: readonly PartitionOffset[],
    seat: GroupSeat,
  ): Promise<void> {
    const { group } = this.#options;
    const producer = this.identity;
    this.isCommitting = true;
    if (offsets.length > 0) {
      await this.add(groupPlace(group));
      const commit = { groupId: group, seat, offsets };
      await this.#ask("TxnOffsetCommit", { isRepeatable: false }, (kafka) =>
        kafka.txnOffsetCommit(producer, commit),
      );
    }
    if (this.#added.size > 0) {
      await this.#ask("EndTxn", { isRepeatable: false }, (kafka) =>
        kafka.transactions.endTxn(producer, true),
      );
    }
    this.#added.clear();
    this.isCommitting = false;
  }

  /** Ends what is open as void, unless another has the id by now. */
  async abort(): Promise<void> {
    this.failure ??= new RecoverableError("the run is ending");
    if (this.#added.size > 0 && !this.#isFenced) await this.identify();
  }

  close(): void {
    this.#isClosed = true;
  }

  /** What a refusal ends the producer with. */
  async judge(error: unknown): Promise<Error> {
    this.#isFenced ||= isKafkaError(error, "INVALID_PRODUCER_EPOCH");
    const { message } = error as Error;
    const failure = (await this.#isTaken(error))
      ? new WorldError(NAME_TAKEN)
      : new RecoverableError(`The transaction is void: ${message}`);
    this.failure ??= failure;
    return failure;
  }

  /** True when another process has our name, and not we ourselves anew. */
  async #isTaken(error: unknown): Promise<boolean> {
    const { network } = this;
    const { kafka, process } = network;
    const endMs = process.nowMs() + TAKEN_MS;
    while (isKafkaError(error, "INVALID_PRODUCER_EPOCH", FENCED)) {
      const { now: seat } = network.ownSeat;
      if (seat === null || seat.groupInstanceId === null) return false;
      const group = kafka.group(this.#options.group);
      try {
        await network.insist(
          "Heartbeat",
          () => group.heartbeat(seat),
          () => this.#isClosed,
        );
        return false;
      } catch (refusal) {
        if (!isKafkaError(refusal, FENCED)) return false;
      }
      if (process.nowMs() > endMs) return true;
      await process.pause("asks whose the seat is", TAKEN_PAUSE_MS);
    }
    return false;
  }

  async #ask<T>(
    label: string,
    { isRepeatable }: { readonly isRepeatable: boolean },
    work: (kafka: ModelNetwork["kafka"]) => T,
  ): Promise<T> {
    const { network } = this;
    const isOver = () => this.#isClosed;
    for (;;) {
      try {
        return isRepeatable
          ? await network.insist(label, () => work(network.kafka), isOver)
          : await network.ask(label, () => work(network.kafka));
      } catch (error) {
        const isEarly = isKafkaError(error, "CONCURRENT_TRANSACTIONS");
        const isMoved = isKafkaError(error, "NOT_COORDINATOR");
        if (!(isEarly || isMoved) || isOver()) throw await this.judge(error);
      }
      await network.process.pause(`${label} again`, CONCURRENT_MS);
    }
  }
}
