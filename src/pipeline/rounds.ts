import type { Chunk } from "../record/chunk.ts";
import { cutChunk, firstOffsetOf } from "../record/chunk_cut.ts";
import type { WantedPartition } from "../source/source.ts";
import { ROUNDS_AHEAD, RoundPlan } from "../watermark/round_plan.ts";
import type { ToldWatermark } from "../watermark/shared_time.ts";

/**
 * Records of a round at least: so many that its end, which each shard gets a task
 * for and answers, costs next to nothing a record.
 */
export const ROUND_RECORDS = 16_384;
/** Records that come behind a visit at most before its watermark is told. */
export const HELD_RECORDS = ROUND_RECORDS * ROUNDS_AHEAD;
/**
 * So many partitions may keep what was read of them until their next round; of
 * more it would be too much, and is read again.
 */
const KEPT_PARTITIONS = 8;

/** What rounds go by. */
export interface RoundRules {
  readonly outOfOrdernessMs: number;
  /** A round ends with the batch that brings so many records. */
  readonly roundRecords: number;
}

/** What rounds do with what they are told. */
export interface RoundParts {
  /** Takes records of the round that is filled. */
  deal(chunk: Chunk): void;
  /** Does the work in order with what was dealt, once it is ready. */
  behind(work: () => void, isReady?: () => boolean): void;
  /**
   * Ends a round, whose records went to the shards: they get this watermark
   * behind them, and answer when all that is applied.
   */
  endRound(round: number, watermark: ToldWatermark): void;
  /** The round that is filled has the last records of the partition. */
  finish(partition: number): void;
  /** Has a partition read again from this offset on, when its turn comes. */
  giveBack(partition: number, offset: number): void;
  /** The input is over. */
  end(): void;
}

/**
 * Cuts the input of a deterministic run into rounds, by the records alone: each
 * holds whole batches of one partition, of so many records or a few more. Before
 * the records of a round each shard gets the watermark of `ROUNDS_AHEAD` rounds
 * before, wherever the shards, the fetches and the clock stand by then.
 */
export class Rounds {
  readonly #parts: RoundParts;
  readonly #roundRecords: number;
  readonly #plan: RoundPlan;
  /** By partition: records whose round has not come. */
  readonly #held = new Map<number, Chunk[]>();
  /** Partitions that have nothing behind what is held. */
  readonly #ended = new Set<number>();
  /** The partition that fills the round; null before it is chosen. */
  #partition: number | null = null;
  /** By round: when its last records were fetched. */
  readonly #fetchedAtMs = new Map<number, number>();
  /** Records in the round. */
  #count = 0;
  #isOver = false;
  #isCrowded = false;

  constructor(
    { outOfOrdernessMs, roundRecords }: RoundRules,
    parts: RoundParts,
  ) {
    this.#parts = parts;
    this.#roundRecords = roundRecords;
    this.#plan = new RoundPlan(outOfOrdernessMs);
  }

  /** Takes the partitions of the run. */
  begin(partitions: readonly number[]): void {
    this.#isCrowded = partitions.length > KEPT_PARTITIONS;
    this.#plan.begin(partitions);
  }

  /** Takes records of a partition, behind its others. */
  take(chunk: Chunk): void {
    const { partition } = chunk;
    const held = this.#held.get(partition);
    if (held === undefined) this.#held.set(partition, [chunk]);
    else held.push(chunk);
  }

  /** The partition has no more records. */
  finish(partition: number): void {
    this.#ended.add(partition);
  }

  /** Takes the clocks, ms, that the shards had at the end of the round. */
  answer(round: number, clocksMs: Float64Array): void {
    this.#plan.answer(round, clocksMs);
  }

  /** True when nothing is wanted of the source before an answer has come. */
  get waitsForAnswer(): boolean {
    return !this.#isOver && this.#partition === null && !this.#plan.canChoose;
  }

  /** The partitions whose records are wanted next, in this order. */
  get wanted(): WantedPartition[] {
    return this.#plan.outlook().map((partition) => {
      const isNow = partition === this.#partition;
      const missing = this.#roundRecords - (isNow ? this.#count : 0);
      // Whether the partition goes on is to be known when the round is full.
      const records = this.#isCrowded ? Math.max(1, missing) : Infinity;
      return { partition, records };
    });
  }

  /**
   * Goes one step on with what is held. False when there is none to be done
   * before the source tells more, or an answer comes.
   */
  step(): boolean {
    if (this.#isOver || this.waitsForAnswer) return false;
    this.#partition ??= this.#plan.choose();
    const partition = this.#partition;
    if (partition === null) {
      this.#isOver = true;
      this.#parts.behind(() => this.#parts.end());
      return false;
    }
    const chunk = this.#held.get(partition)?.shift();
    if (chunk !== undefined) this.#fill(chunk);
    else if (this.#ended.has(partition)) this.#leave(partition);
    else return false;
    return true;
  }

  /** Gives up what is held: the run was stopped. */
  close(): void {
    for (const held of this.#held.values()) {
      for (const chunk of held.splice(0)) chunk.release();
    }
  }

  /** Puts records into the round, or ends it: the partition goes on. */
  #fill(chunk: Chunk): void {
    const room = this.#roundRecords - this.#count;
    // Batches without records, as compaction leaves them, are no more to come.
    if (room <= 0 && chunk.count > 0) {
      this.#held.get(chunk.partition)!.unshift(chunk);
      this.#end(chunk.partition);
      return;
    }
    const [head, rest] = cutChunk(chunk, room);
    if (rest !== null) this.#held.get(chunk.partition)!.unshift(rest);
    this.#count += head.count;
    this.#fetchedAtMs.set(this.#plan.round, head.fetchedAtMs);
    this.#parts.deal(head);
  }

  /** The round holds the last records of its partition, if it holds any. */
  #leave(partition: number): void {
    this.#plan.finish(partition);
    this.#parts.finish(partition);
    if (this.#count > 0) this.#end(partition);
    else this.#partition = null;
  }

  #end(partition: number): void {
    const { round } = this.#plan;
    const told = round + 1 - ROUNDS_AHEAD;
    this.#plan.close(partition);
    this.#partition = null;
    this.#count = 0;
    this.#parts.behind(
      () => this.#parts.endRound(round, this.#takeWatermark(told)),
      () => this.#plan.knows(told),
    );
    if (this.#isCrowded) this.#giveBack(partition);
  }

  #takeWatermark(round: number): ToldWatermark {
    const watermarkMs = this.#plan.takeWatermark(round);
    const causeMs = this.#fetchedAtMs.get(round) ?? null;
    this.#fetchedAtMs.delete(round);
    return { watermarkMs, causeMs };
  }

  /** Gives up what was read of a partition, unless its next turn is near. */
  #giveBack(partition: number): void {
    const [first, ...others] = this.#held.get(partition) ?? [];
    if (first === undefined) return;
    if (this.#plan.outlook().includes(partition)) return;
    this.#held.delete(partition);
    this.#ended.delete(partition);
    const offset = firstOffsetOf(first);
    for (const chunk of [first, ...others]) chunk.release();
    this.#parts.giveBack(partition, offset);
  }
}
