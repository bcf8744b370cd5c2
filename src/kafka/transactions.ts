import { type Clock, WALL_CLOCK } from "../clock.ts";
import type { KafkaConfig } from "../config/config.ts";
import { RecoverableError } from "../errors.ts";
import { connectOrFail, createKafka } from "./client.ts";
import { type CommittedOffset, CommittedOffsets } from "./committed_offsets.ts";
import { Coordinators } from "./coordinators.ts";
import { settledWithin } from "./deadlines.ts";
import type { GroupSeat, OwnSeat } from "./group_seat.ts";
import type { Outage } from "./outage.ts";
import type { OffsetCommit } from "./private/group_offsets_seam.ts";
import { createSendCluster, type SendCluster } from "./private/send_seam.ts";
import { groupRefusal } from "./seat_check.ts";
import { Sender } from "./sender.ts";
import { transactionFailure } from "./transaction_failure.ts";
import { TransactionalProducer } from "./transactional_producer.ts";

/** A closing run waits so long, ms, for the end of a void transaction. */
const ABORT_DEADLINE_MS = 1_500;

/** Whose transactions, for which input. */
export interface TransactionsOptions {
  /** Its group is the one whose offsets are committed. */
  readonly kafka: KafkaConfig;
  /** The topic that the offsets are of. */
  readonly topic: string;
  readonly transactionalId: string;
  /** How long a transaction may be open, ms: then its broker ends it. */
  readonly timeoutMs: number;
  readonly ownSeat?: OwnSeat;
  /** True where brokers that do not answer are waited for from the start on. */
  readonly waits?: boolean;
  /** The story of these brokers, which others may tell too. */
  readonly outage: Outage;
  readonly warn: (text: string) => void;
  readonly clock?: Clock;
}

/**
 * The transactional producer of one life of a run, with the group's offsets:
 * what its sender writes and what the group has read become valid in one step.
 * Its first failure ends it; a new life makes a new one, which knows by the
 * committed offsets what counts.
 */
export class Transactions {
  /** What it writes is valid from the next commit on. */
  readonly sender: Sender;
  /** The brokers, for what else is to be asked of them. */
  readonly cluster: SendCluster;
  readonly #options: TransactionsOptions;
  readonly #clock: Clock;
  readonly #coordinators: Coordinators;
  readonly #producer: TransactionalProducer;

  constructor(options: TransactionsOptions) {
    this.#options = options;
    const { kafka } = options;
    const clock = options.clock ?? WALL_CLOCK;
    this.#clock = clock;
    // The attempts are made here, where it is known what they are for.
    this.cluster = createSendCluster(createKafka(kafka, { retries: 0 }));
    const { cluster } = this;
    const pool = cluster.brokerPool;
    const coordinators = new Coordinators({ ...options, clock, pool });
    this.#coordinators = coordinators;
    const { group } = kafka;
    const producer = { ...options, cluster, coordinators, group };
    this.#producer = new TransactionalProducer(producer);
    this.sender = new Sender({ ...options, transaction: this.#producer });
  }

  /**
   * Connects, fences whoever had the transactional id before and ends its
   * transaction. Throws a `WorldError`.
   */
  async open(): Promise<void> {
    const { kafka, waits, transactionalId } = this.#options;
    const { group } = kafka;
    const pool = this.cluster.brokerPool;
    const client = {
      connect: () => pool.connect(),
      disconnect: () => this.close(),
    };
    if (!waits) await connectOrFail(client, kafka);
    await this.#producer.identify();
    const code = await groupRefusal(this.#coordinators, group);
    if (code !== 0) {
      const doing = `use group "${group}"`;
      throw transactionFailure({ code, doing, group, transactionalId });
    }
    await this.sender.open();
  }

  /**
   * What the group has committed, once no open transaction can change it: one
   * that is open for longer than a second is ended, if the metadata of the last
   * commit names whose it is. Throws a `WorldError`.
   */
  async committed(
    partitions: readonly number[],
    transactionalIdOf: (metadata: string) => string | null,
  ): Promise<ReadonlyMap<number, CommittedOffset>> {
    const offsets = new CommittedOffsets({
      ...this.#options,
      clock: this.#clock,
      coordinators: this.#coordinators,
      group: this.#options.kafka.group,
      transactionalIdOf,
    });
    return await offsets.read(partitions);
  }

  /**
   * Commits what the sender has written, all of it acknowledged, and the
   * offsets; what is written meanwhile belongs to the next transaction. Rejects
   * with a `RecoverableError` when it is void or its fate is not known, with a
   * `WorldError` when beginning again would not help.
   */
  async commit(
    offsets: readonly OffsetCommit[],
    seat: GroupSeat,
  ): Promise<void> {
    try {
      this.#producer.throwFailure();
      this.sender.assertDrained();
      await this.#producer.commit(this.#options.topic, offsets, seat);
    } catch (error) {
      this.sender.fail(error as Error);
      throw error;
    }
    this.sender.pump();
  }

  /** The run is to stop: what cannot be written or committed is told soon. */
  stopSoon(): void {
    this.sender.stopSoon();
    this.#coordinators.stopSoon();
  }

  /** Ends the transaction as void, and with it this object. Never rejects. */
  async abort(): Promise<void> {
    const { transactionalId } = this.#options;
    this.sender.fail(
      new RecoverableError(
        `The transaction of "${transactionalId}" was given up`,
      ),
    );
    await settledWithin(this.#producer.abort(), ABORT_DEADLINE_MS);
  }

  /** Ends what is open as void, and the connections. */
  async close(): Promise<void> {
    await this.abort();
    this.#coordinators.close();
    await this.sender.close();
  }
}
