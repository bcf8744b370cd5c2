import { setTimeout as sleep } from "node:timers/promises";
import { createKafka } from "../../src/kafka/client.ts";
import { configOf } from "./read_sessions.ts";

const POLL_MS = 10;

/** Asks again and again what the group of a run has committed, on one connection. */
export class OffsetWatch {
  readonly #admin;
  readonly #of: { readonly group: string; readonly topic: string };

  private constructor(
    brokers: string,
    of: { readonly group: string; readonly topic: string },
  ) {
    this.#admin = createKafka(configOf(brokers)).admin();
    this.#of = of;
  }

  static async open(
    brokers: string,
    of: { readonly group: string; readonly topic: string },
  ): Promise<OffsetWatch> {
    const watch = new OffsetWatch(brokers, of);
    await watch.#admin.connect();
    return watch;
  }

  /** By partition, what is committed; -1, or no entry, for nothing. */
  async committed(): Promise<Map<number, number>> {
    const { group: groupId, topic } = this.#of;
    const answer = await this.#admin
      .fetchOffsets({ groupId, topics: [topic] })
      .catch(orNothing);
    const partitions = answer[0]?.partitions ?? [];
    return new Map(partitions.map((each) => [each.partition, +each.offset]));
  }

  /** Where the partitions of a topic end now. */
  async endsOf(topic: string): Promise<Map<number, number>> {
    const offsets = await this.#admin.fetchTopicOffsets(topic);
    return new Map(offsets.map((at) => [at.partition, Number(at.high)]));
  }

  /** Resolves when the group has so many members, each with its partitions. */
  async hasMembers(count: number): Promise<void> {
    for (;;) {
      const { group } = this.#of;
      const { groups } = await this.#admin.describeGroups([group]);
      const { state, members = [] } = groups[0] ?? {};
      if (state === "Stable" && members.length === count) return;
      await sleep(POLL_MS);
    }
  }

  /**
   * Resolves when what is committed fulfils `condition`, to when that was seen
   * (`performance.now()`). Rejects with the reason why `ended` did before.
   */
  async until(
    condition: (committed: ReadonlyMap<number, number>) => boolean,
    ended: Promise<unknown>,
  ): Promise<number> {
    let failure: { readonly error: unknown } | null = null;
    const tooEarly = new Error("Cannot measure: the processor ended too early");
    ended.then(
      () => {
        failure ??= { error: tooEarly };
      },
      (error: unknown) => {
        failure = { error };
      },
    );
    while (failure === null) {
      if (condition(await this.committed())) return performance.now();
      await sleep(POLL_MS);
    }
    throw (failure as { readonly error: unknown }).error;
  }

  close(): Promise<void> {
    return this.#admin.disconnect();
  }
}

/** A group that nobody has asked about may be loading. */
function orNothing(error: { readonly retriable?: boolean }): [] {
  if (error.retriable === true) return [];
  throw error;
}

/** Whether all of a topic that ends there is committed. */
export function isAtEnd(
  committed: ReadonlyMap<number, number>,
  ends: ReadonlyMap<number, number>,
): boolean {
  return [...ends].every(
    ([partition, end]) => committed.get(partition) === end,
  );
}
