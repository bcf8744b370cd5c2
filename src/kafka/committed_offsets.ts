import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import type { Coordinators } from "./coordinators.ts";
import { CODES } from "./error_codes.ts";
import {
  type FetchedOffset,
  fetchOffsets,
} from "./private/group_offsets_seam.ts";
import { initProducerId } from "./private/transaction_seam.ts";
import { transactionFailure } from "./transaction_failure.ts";

const UNSTABLE_PAUSE_MS = 20;
/** A living committer is done long before, ms; later it may be dead. */
const FENCE_AFTER_MS = 1_000;

/** Where a group goes on in one partition. */
export interface CommittedOffset {
  /** Null when none is committed, or it has expired. */
  readonly offset: number | null;
  /** What its commit said; "" when there is none. */
  readonly metadata: string;
}

/** What reading committed offsets takes. */
export interface CommittedOffsetsOptions {
  readonly coordinators: Coordinators;
  readonly group: string;
  readonly topic: string;
  /** Our own: nobody is fenced by it. */
  readonly transactionalId: string;
  /** Of the transactions that a fence makes possible, ms. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
  /** The id that an offset's metadata says it was committed with. */
  readonly transactionalIdOf: (metadata: string) => string | null;
}

/** Reads what a group has committed, when no open transaction may change it. */
export class CommittedOffsets {
  readonly #options: CommittedOffsetsOptions;
  readonly #fenced = new Set<string>();

  constructor(options: CommittedOffsetsOptions) {
    this.#options = options;
    this.#fenced.add(options.transactionalId);
  }

  /**
   * The offsets of `partitions`. Where a transaction is open for longer than a
   * second its committer is fenced, or waited for when it is not known.
   */
  async read(
    partitions: readonly number[],
  ): Promise<ReadonlyMap<number, CommittedOffset>> {
    const { clock } = this.#options;
    const sinceMs = clock.nowMs();
    const stable = new Map<number, CommittedOffset>();
    let left = partitions;
    while (left.length > 0) {
      const offsets = await this.#fetch(left, true);
      const unstable: number[] = [];
      for (const { partition, offset, metadata, errorCode } of offsets) {
        if (errorCode === CODES.unstableOffsetCommit) unstable.push(partition);
        else {
          stable.set(partition, {
            offset: offset < 0 ? null : offset,
            metadata,
          });
        }
      }
      left = unstable;
      if (left.length === 0) break;
      if (clock.nowMs() - sinceMs >= FENCE_AFTER_MS) await this.#fence(left);
      await sleep(UNSTABLE_PAUSE_MS);
    }
    return stable;
  }

  /** Ends the transactions of those that committed these partitions last. */
  async #fence(partitions: readonly number[]): Promise<void> {
    const { transactionalIdOf, coordinators, timeoutMs, warn } = this.#options;
    for (const { metadata } of await this.#fetch(partitions, false)) {
      const transactionalId = transactionalIdOf(metadata);
      if (transactionalId === null || this.#fenced.has(transactionalId)) {
        continue;
      }
      this.#fenced.add(transactionalId);
      const doing = `end the transaction of "${transactionalId}"`;
      const { errorCode: code } = await coordinators.ask({
        coordinator: { kind: "transaction", name: transactionalId },
        doing,
        isRepeatable: true,
        send: (broker) =>
          initProducerId(broker, { transactionalId, timeoutMs }),
      });
      if (code === 0) continue;
      const { group } = this.#options;
      const refusal = { code, doing, group, transactionalId };
      const { message } = transactionFailure(refusal);
      warn(`${message}; waiting until its broker ends it`);
    }
  }

  async #fetch(
    partitions: readonly number[],
    requireStable: boolean,
  ): Promise<readonly FetchedOffset[]> {
    const { coordinators, group, topic, transactionalId } = this.#options;
    const doing = `read the offsets of group "${group}"`;
    const query = { group, topic, partitions, requireStable };
    const answer = await coordinators.ask({
      coordinator: { kind: "group", name: group },
      doing,
      isRepeatable: true,
      async send(broker) {
        const { errorCode, offsets } = await fetchOffsets(broker, query);
        const refused = offsets.find(
          (each) => each.errorCode !== 0 && !isUnstable(each),
        );
        return { errorCode: errorCode || (refused?.errorCode ?? 0), offsets };
      },
    });
    const { errorCode: code, offsets } = answer;
    if (code === 0) return offsets;
    const topicOperations = ["Read", "Describe"];
    const about = { group, transactionalId, topic, topicOperations };
    throw transactionFailure({ code, doing, ...about });
  }
}

function isUnstable({ errorCode }: FetchedOffset): boolean {
  return errorCode === CODES.unstableOffsetCommit;
}
