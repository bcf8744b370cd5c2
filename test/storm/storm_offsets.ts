import { setTimeout as sleep } from "node:timers/promises";
import { isErrorType } from "../../src/kafka/client.ts";
import { waitUntil } from "../support/wait_until.ts";
import { committedOffsets, withAdmin } from "./read_evidence.ts";

const SILENCE_MS = 6000;
const MOVED_WITHIN_MS = 120_000;
const RETRY_MS = 100;
const PASSING = ["NOT_COORDINATOR_FOR_GROUP", "GROUP_LOAD_IN_PROGRESS"];

/** How far the group of a storm is in the topic of visits. */
export class StormOffsets {
  readonly #brokers: string;
  readonly #of: { readonly topic: string; readonly group: string };

  constructor(
    brokers: string,
    of: { readonly topic: string; readonly group: string },
  ) {
    this.#brokers = brokers;
    this.#of = of;
  }

  /** By partition, what is committed; -1 for nothing. */
  async committed(): Promise<Map<number, number>> {
    for (;;) {
      try {
        return await withAdmin(this.#brokers, (admin) =>
          committedOffsets(admin, this.#of),
        );
      } catch (error) {
        // The group's coordinator may be on its way to another broker, or new.
        if (!PASSING.some((type) => isErrorType(error, type))) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  /** Of so many records of each partition, those that are not committed. */
  async behind(counts: ReadonlyMap<number, number>): Promise<number> {
    const committed = await this.committed();
    let behind = 0;
    for (const [partition, count] of counts) {
      behind += count - Math.max(0, committed.get(partition) ?? 0);
    }
    return behind;
  }

  /** Whether the group has so many members, each with its partitions. */
  async hasMembers(count: number): Promise<boolean> {
    return await withAdmin(this.#brokers, async (admin) => {
      const { groups } = await admin.describeGroups([this.#of.group]);
      const { state, members = [] } = groups[0] ?? {};
      return state === "Stable" && members.length === count;
    });
  }

  /** Whether all of the topic is committed. */
  async isAtEnd(): Promise<boolean> {
    const ends = await endsOf(this.#brokers, this.#of.topic);
    const committed = await this.committed();
    return [...ends].every(([p, end]) => committed.get(p) === end);
  }

  /**
   * Resolves when more is committed, of partitions of which `isEnough` is told
   * whether each has moved; throws when it does not come to that, or as `check`
   * does meanwhile.
   */
  async moved(
    isEnough: (moved: boolean[]) => boolean,
    check: () => void,
  ): Promise<void> {
    const before = await this.committed();
    const hasMoved = async () => {
      check();
      const now = [...(await this.committed())];
      return isEnough(now.map(([p, at]) => at > (before.get(p) ?? -1)));
    };
    await waitUntil(hasMoved, { timeoutMs: MOVED_WITHIN_MS });
  }
}

/** Resolves when nothing has been written to a topic for some seconds. */
export async function silence(brokers: string, topic: string): Promise<void> {
  let before = "";
  for (;;) {
    const now = JSON.stringify([...(await endsOf(brokers, topic))]);
    if (now === before) return;
    before = now;
    await sleep(SILENCE_MS);
  }
}

/** Where the partitions of a topic end. */
function endsOf(brokers: string, topic: string): Promise<Map<number, number>> {
  return withAdmin(brokers, async (admin) => {
    const ends = await admin.fetchTopicOffsets(topic);
    return new Map(ends.map((each) => [each.partition, +each.high]));
  });
}
