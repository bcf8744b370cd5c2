import type { Dispatcher } from "../fleet/dispatcher.ts";
import type { Chunk } from "../record/chunk.ts";
import type { Source } from "../source/source.ts";
import { Rounds } from "./rounds.ts";

/** When what was read goes to the shards, and what the watermark goes by. */
export interface Intake {
  /** Takes the partitions that are owned from here on. */
  assigned(partitions: readonly number[]): void;
  /** Takes records, behind the others of their partition. */
  take(chunk: Chunk): void;
  /** Takes note that a partition has no more records. */
  finish(partition: number): void;
  /**
   * Goes a step on with what was taken, for which it may wait for the shards.
   * False when there is none before the source tells more.
   */
  goOn(): Promise<boolean>;
  /** The shards have applied a round, and have these clocks, ms. */
  answer(round: number, clocksMs: Float64Array): void;
  /** Gives up what it holds. */
  close(): void;
}

/** What is done with records and partitions, in the order of the intake. */
export interface IntakeDuties {
  /** Hands records on. */
  deal(chunk: Chunk): void;
  /** All records of the partition are with the shards. */
  finish(partition: number): void;
}

/** All as it comes; the watermark follows what the shards report. */
export class LiveIntake implements Intake {
  readonly #dispatcher: Pick<Dispatcher, "dealer">;
  readonly #duties: IntakeDuties;

  constructor(dispatcher: Pick<Dispatcher, "dealer">, duties: IntakeDuties) {
    this.#dispatcher = dispatcher;
    this.#duties = duties;
  }

  assigned(): void {}

  take(chunk: Chunk): void {
    this.#duties.deal(chunk);
  }

  finish(partition: number): void {
    this.#dispatcher.dealer.behind(() => this.#duties.finish(partition));
  }

  async goOn(): Promise<boolean> {
    return false;
  }

  answer(): void {}

  close(): void {}
}

/** The shards and the source, as far as rounds have to do with them. */
export interface RoundWorld {
  readonly dispatcher: Pick<
    Dispatcher,
    "dealer" | "endRound" | "tellWatermark"
  >;
  readonly source: Pick<Source, "begin" | "prefer">;
  readonly outOfOrdernessMs: number;
  /** Records of a round at least. */
  readonly roundRecords: number;
}

/** Round by round; the watermark follows from the records of earlier rounds. */
export class RoundIntake implements Intake {
  readonly #world: RoundWorld;
  readonly #rounds: Rounds;

  constructor(world: RoundWorld, duties: IntakeDuties) {
    const { dispatcher, source, outOfOrdernessMs, roundRecords } = world;
    const { dealer } = dispatcher;
    this.#world = world;
    this.#rounds = new Rounds(
      { outOfOrdernessMs, roundRecords },
      {
        deal: (chunk) => duties.deal(chunk),
        behind: (work, isReady) => dealer.behind(work, isReady),
        endRound: (round, time) => dispatcher.endRound(round, time),
        finish: (partition) => dealer.behind(() => duties.finish(partition)),
        giveBack: (partition, offset) => source.begin(partition, offset),
        end: () => dispatcher.tellWatermark(Infinity),
      },
    );
  }

  assigned(partitions: readonly number[]): void {
    this.#rounds.begin(partitions);
  }

  take(chunk: Chunk): void {
    this.#rounds.take(chunk);
  }

  finish(partition: number): void {
    this.#rounds.finish(partition);
  }

  async goOn(): Promise<boolean> {
    const rounds = this.#rounds;
    if (rounds.step()) return true;
    const { dispatcher, source } = this.#world;
    if (rounds.waitsForAnswer) {
      await dispatcher.dealer.until(() => !rounds.waitsForAnswer);
      return true;
    }
    source.prefer?.(rounds.wanted);
    return false;
  }

  answer(round: number, clocksMs: Float64Array): void {
    this.#rounds.answer(round, clocksMs);
  }

  close(): void {
    this.#rounds.close();
  }
}
