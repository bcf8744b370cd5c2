import type { ShardAnswer } from "../wire/orders.ts";

/** What a shard answers when it has applied the last task of a round. */
type RoundAnswer = Extract<ShardAnswer, { kind: "round" }>;

/** Hears of a round that all shards have applied, and of the clocks then. */
export type RoundListener = (round: number, clocksMs: Float64Array) => void;

/** A round that not all shards have answered. */
interface OpenRound {
  answers: number;
  /** By partition: the highest event time, ms. */
  clocksMs: Float64Array;
}

/** Merges what the shards answer to each round: the clocks after it. */
export class RoundClocks {
  /** By shard: the last round that it has answered. */
  readonly #answered: number[];
  readonly #listener: RoundListener;
  readonly #open = new Map<number, OpenRound>();

  constructor(shardCount: number, listener: RoundListener) {
    this.#answered = new Array(shardCount).fill(0);
    this.#listener = listener;
  }

  /** Takes the answers of a shard. Throws for one that is not to its next round. */
  take(shard: number, answers: readonly ShardAnswer[]): void {
    for (const answer of answers) {
      if (answer.kind === "round") this.#take(shard, answer);
    }
  }

  #take(shard: number, { round, clocksMs }: RoundAnswer): void {
    const expected = this.#answered[shard]! + 1;
    if (round !== expected) {
      throw new Error(
        `Cannot take answer of shard ${shard} to round ${round}: expected that ` +
          `to round ${expected}`,
      );
    }
    this.#answered[shard] = round;
    const open = this.#open.get(round) ?? { answers: 0, clocksMs };
    open.answers++;
    open.clocksMs = higher(open.clocksMs, clocksMs);
    this.#open.set(round, open);
    if (open.answers < this.#answered.length) return;
    this.#open.delete(round);
    this.#listener(round, open.clocksMs);
  }
}

function higher(a: Float64Array, b: Float64Array): Float64Array {
  const [longer, shorter] = a.length < b.length ? [b, a] : [a, b];
  return longer.map((ms, partition) =>
    Math.max(ms, shorter[partition] ?? -Infinity),
  );
}
