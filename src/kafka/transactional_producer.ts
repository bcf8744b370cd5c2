import { publishPoint } from "../checkpoint/commit_points.ts";
import type { Coordinators } from "./coordinators.ts";
import type { GroupSeat, OwnSeat } from "./group_seat.ts";
import { IncludedPartitions } from "./included_partitions.ts";
import type { ProducerIdentity } from "./outgoing_batch.ts";
import {
  commitOffsets,
  type OffsetCommit,
} from "./private/group_offsets_seam.ts";
import type {
  ProduceAnswer,
  SendBroker,
  SendCluster,
} from "./private/send_seam.ts";
import {
  addOffsets,
  type CodeAnswer,
  type CoordinatorKey,
  endTransaction,
  initProducerId,
  type TransactionOwner,
} from "./private/transaction_seam.ts";
import type { TopicBatches } from "./produce_frame.ts";
import { takenSeat } from "./seat_check.ts";
import type { SenderTransaction } from "./sender_transaction.ts";
import {
  endsTransaction,
  isFenced,
  type Refusal,
  seatTaken,
  transactionFailure,
} from "./transaction_failure.ts";

/** Whose transactions they are, and for which group. */
export interface TransactionalProducerOptions {
  readonly cluster: SendCluster;
  readonly coordinators: Coordinators;
  readonly transactionalId: string;
  readonly group: string;
  /** How long a transaction may be open before its broker ends it, ms. */
  readonly timeoutMs: number;
  /** If left out, the seat that committed last is the one of now. */
  readonly ownSeat?: OwnSeat;
}

/** What the user must be allowed to do with topics that are written to. */
const WRITING = { topicOperations: ["Write", "Describe"] };

/** A request of a transaction. */
interface Request<A extends CodeAnswer> {
  readonly kind: CoordinatorKey["kind"];
  readonly doing: string;
  readonly isRepeatable: boolean;
  readonly topic?: string;
  readonly topicOperations?: readonly string[];
  readonly send: (
    broker: SendBroker,
    owner: TransactionOwner,
  ) => Promise<A & { readonly topic?: string }>;
}

/**
 * One transactional id's producer, and its transactions, one after the other. A
 * transaction begins with what is first added to it. A failure ends all.
 */
export class TransactionalProducer implements SenderTransaction {
  readonly transactionalId: string;
  readonly cluster: SendCluster;
  readonly #options: TransactionalProducerOptions;
  #identity: ProducerIdentity | null = null;
  /** Who committed last. */
  #seat: GroupSeat | null = null;
  /** What has been added to the open transaction. */
  readonly #included = new IncludedPartitions();
  /** True when there may be an open transaction. */
  #isOpen = false;
  #isEnding = false;
  /** True when the producer id's epoch is another's. */
  #isFenced = false;
  #failure: Error | null = null;

  constructor(options: TransactionalProducerOptions) {
    this.#options = options;
    this.transactionalId = options.transactionalId;
    this.cluster = options.cluster;
  }

  /** Throws before `identify`. */
  get identity(): ProducerIdentity {
    if (this.#identity !== null) return this.#identity;
    throw new Error("Cannot write: the transactional producer is not open");
  }

  get takesBatches(): boolean {
    return !this.#isEnding && this.#failure === null;
  }

  /**
   * Gets the producer id in a new epoch: fences whoever had the transactional
   * id, and ends its transaction. Throws a `WorldError` when it cannot be had.
   */
  async identify(): Promise<void> {
    const { coordinators, transactionalId, timeoutMs } = this.#options;
    const doing = `begin transactions as "${transactionalId}"`;
    const answer = await coordinators.ask({
      coordinator: { kind: "transaction", name: transactionalId },
      doing,
      isRepeatable: true,
      send: (broker) => initProducerId(broker, { transactionalId, timeoutMs }),
    });
    const { errorCode: code, producerId, producerEpoch } = answer;
    if (code !== 0) {
      throw transactionFailure({ ...this.#options, code, doing });
    }
    this.#identity = { producerId, producerEpoch, transactional: true };
  }

  async include(topics: readonly TopicBatches[]): Promise<Set<string>> {
    return await this.#included.include(topics, (missing) =>
      this.#ask({
        kind: "transaction",
        doing: `write to ${missing.map(({ topic }) => `"${topic}"`).join(", ")}`,
        ...{ isRepeatable: true, ...WRITING },
        send: (broker, owner) => this.#included.add(broker, owner, missing),
      }),
    );
  }

  async check(answers: readonly ProduceAnswer[]): Promise<void> {
    for (const { errorCode: code, topic } of answers) {
      if (!endsTransaction(code)) continue;
      const doing = `write to topic "${topic}"`;
      throw await this.#judge({ code, doing, topic, ...WRITING });
    }
  }

  /**
   * Commits what has been written, and the group's offsets. Batches are held
   * back meanwhile. Throws when it is not committed, or that is not known.
   */
  async commit(
    topic: string,
    offsets: readonly OffsetCommit[],
    seat: GroupSeat,
  ): Promise<void> {
    this.throwFailure();
    this.#seat = seat;
    const { group } = this.#options;
    const doing = `commit offsets of group "${group}"`;
    this.#isEnding = true;
    if (offsets.length > 0) {
      publishPoint("offsets-sent", "before");
      await this.#ask({
        kind: "transaction",
        doing,
        isRepeatable: true,
        send: (broker, owner) => addOffsets(broker, owner, group),
      });
      await this.#ask({
        kind: "group",
        doing,
        // Late, it would be a part of the next transaction.
        isRepeatable: false,
        topic,
        topicOperations: ["Read", "Describe"],
        send: (broker, owner) =>
          commitOffsets(broker, { owner, group, seat, topic, offsets }),
      });
      publishPoint("offsets-sent", "after");
    }
    if (this.#isOpen) {
      await this.#ask({
        kind: "transaction",
        doing: "commit",
        // Late, it would end the next transaction.
        isRepeatable: false,
        send: endWithCommit,
      });
      publishPoint("end-answered", "after");
    }
    this.#isOpen = false;
    this.#included.clear();
    this.#isEnding = false;
  }

  /** Nothing is written or committed any more, for this reason. */
  fail(error: Error): void {
    this.#failure ??= error;
  }

  throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /**
   * Ends an open transaction, so that nobody has to wait for its timeout. A new
   * epoch does so, and stops what may still be under way.
   */
  async abort(): Promise<void> {
    // Where another has the id now, taking it back would be a fight.
    if (this.#isOpen && !this.#isFenced) await this.identify();
    this.#isOpen = false;
  }

  /** Asks as the transaction's owner; throws what a refusal ends it with. */
  async #ask<A extends CodeAnswer>(request: Request<A>): Promise<A> {
    this.throwFailure();
    const { coordinators, group } = this.#options;
    const { kind, send, ...about } = request;
    const { transactionalId } = this;
    const { producerId, producerEpoch } = this.identity;
    const owner = { transactionalId, producerId, producerEpoch };
    const name = kind === "group" ? group : transactionalId;
    if (kind === "transaction") this.#isOpen = true;
    const answer = await coordinators.ask({
      ...about,
      coordinator: { kind, name },
      send: (broker) => send(broker, owner),
    });
    const { errorCode: code, topic = request.topic } = answer;
    if (code === 0) return answer;
    const where = topic === undefined ? {} : { topic };
    throw await this.#judge({ ...about, ...where, code });
  }

  /** What a refusal means: a fence is fatal when the seat is another's too. */
  async #judge(refusal: Refused): Promise<Error> {
    const { group, ownSeat } = this.#options;
    this.#isFenced ||= isFenced(refusal.code);
    const seatNow = () => (ownSeat === undefined ? this.#seat : ownSeat.now);
    const taken = await takenSeat(refusal.code, { ...this.#options, seatNow });
    if (taken !== null) return seatTaken(group, taken);
    return transactionFailure({ ...this.#options, ...refusal });
  }
}

/** Commits, and tells when. */
async function endWithCommit(broker: SendBroker, owner: TransactionOwner) {
  publishPoint("end-sent", "before");
  const ending = endTransaction(broker, owner, "commit");
  publishPoint("end-sent", "after");
  const answer = await ending;
  publishPoint("end-answered", "before");
  return answer;
}

/** A refusal, but for whose it is. */
type Refused = Omit<Refusal, "group" | "transactionalId">;
