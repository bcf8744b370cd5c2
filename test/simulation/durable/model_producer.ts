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
  /** Who committed last. */
  #seat: GroupSeat | null = null;
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
    this.#seat = seat;
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
  judge(error: unknown): Error {
    this.#isFenced ||= isKafkaError(error, "INVALID_PRODUCER_EPOCH");
    const text = error instanceof Error ? error.message : String(error);
    // After a freeze it may be this process itself that has joined once more.
    const isOwn = this.network.seat?.memberId !== this.#seat?.memberId;
    const isTaken = isKafkaError(error, "FENCED_INSTANCE_ID");
    const failure =
      isTaken && !isOwn
        ? new WorldError(NAME_TAKEN)
        : new RecoverableError(`The transaction is void: ${text}`);
    this.failure ??= failure;
    return failure;
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
        if (!(isEarly || isMoved) || isOver()) throw this.judge(error);
      }
      await network.process.pause(`${label} again`, CONCURRENT_MS);
    }
  }
}
