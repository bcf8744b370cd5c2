/** Rounds that are filled while the answers to an earlier one are waited for. */
export const ROUNDS_AHEAD = 4;

/** What is known of a partition from the answers up to some round. */
interface Standing {
  /** Highest event time, ms; -Infinity before the first visit. */
  clockMs: number;
  /** The clock when it was first known, ms. */
  firstMs: number;
  /** Rounds of the partition that were answered since. */
  roundsSince: number;
  /** Rounds of the partition that are filled, and not counted in here yet. */
  pending: number;
  /** The round that holds its last record; Infinity while it has more. */
  lastRound: number;
}

/**
 * The plan of a deterministic run: which partition fills which round, and which
 * watermark an answered round brings. Both follow from the input alone, for a
 * choice rests on the answers of exactly `ROUNDS_AHEAD` rounds before, however
 * many others have come by then.
 */
export class RoundPlan {
  readonly #outOfOrdernessMs: number;
  readonly #standings = new Map<number, Standing>();
  /** By round: the partition that filled it. */
  readonly #filled = new Map<number, number>();
  /** By round: its answer, until the choice that rests on it is made. */
  readonly #answers = new Map<number, Float64Array>();
  /** By round: the watermark that it brings, until it is told. */
  readonly #watermarksMs = new Map<number, number>();
  #answered = 0;
  /** The last round whose answer is in the standings. */
  #known = 0;
  #round = 1;

  constructor(outOfOrdernessMs: number) {
    this.#outOfOrdernessMs = outOfOrdernessMs;
  }

  /** The round that is filled now; the first one is 1. */
  get round(): number {
    return this.#round;
  }

  /** Takes the partitions of the run. Throws when a round is filled already. */
  begin(partitions: Iterable<number>): void {
    if (this.#round > 1) {
      throw new Error("Cannot plan rounds anew: a round is filled already");
    }
    this.#standings.clear();
    for (const partition of partitions) {
      this.#standings.set(partition, {
        clockMs: -Infinity,
        firstMs: -Infinity,
        roundsSince: 0,
        pending: 0,
        lastRound: Infinity,
      });
    }
  }

  /** True when all partitions are finished. */
  get isOver(): boolean {
    return this.#unfinished().length === 0;
  }

  /** True when it is known which partition fills this round. */
  get canChoose(): boolean {
    const isAnswered = this.#answered >= this.#round - ROUNDS_AHEAD;
    // Where there is no choice, nothing is waited for.
    return isAnswered || this.#unfinished().length < 2;
  }

  /**
   * The partition that fills this round; null when all are finished. Throws
   * before `canChoose`.
   */
  choose(): number | null {
    if (!this.canChoose) {
      throw new Error(`Cannot choose who fills round ${this.#round} yet`);
    }
    this.#learn(this.#round - ROUNDS_AHEAD);
    const unfinished = this.#unfinished();
    return unfinished.length === 0 ? null : mostBehind(unfinished)[0];
  }

  /**
   * The partitions that will probably fill the next rounds, this one first, and
   * some that come after them: what should be fetched before all else.
   */
  outlook(): number[] {
    const ahead = this.#unfinished().map(
      ([partition, standing]) => [partition, { ...standing }] as const,
    );
    if (ahead.length === 0) return [];
    const partitions: number[] = [];
    for (let n = 0; n < ROUNDS_AHEAD; n++) {
      const [partition, standing] = mostBehind(ahead);
      standing.pending++;
      if (!partitions.includes(partition)) partitions.push(partition);
    }
    const others = ahead.filter(([each]) => !partitions.includes(each));
    while (partitions.length < ROUNDS_AHEAD && others.length > 0) {
      const next = mostBehind(others);
      partitions.push(next[0]);
      others.splice(others.indexOf(next), 1);
    }
    return partitions;
  }

  /** The round is full, with records of this partition; the next one begins. */
  close(partition: number): void {
    this.#filled.set(this.#round, partition);
    this.#standing(partition).pending++;
    this.#round++;
  }

  /**
   * The partition has no record behind those of this round: it leaves the
   * watermark with it. To be told before the round is closed.
   */
  finish(partition: number): void {
    const standing = this.#standing(partition);
    if (standing.lastRound < Infinity) {
      throw new Error(`Cannot finish partition ${partition} twice`);
    }
    standing.lastRound = this.#round;
  }

  /**
   * All shards have applied the round: these are their clocks, ms. Throws when
   * it is not the next one, or not full yet.
   */
  answer(round: number, clocksMs: Float64Array): void {
    if (round !== this.#answered + 1 || round >= this.#round) {
      throw new Error(
        `Cannot take the answer to round ${round}: expected that to ` +
          `${this.#answered + 1}, of ${this.#round - 1} that are full`,
      );
    }
    this.#answered = round;
    this.#answers.set(round, clocksMs);
    this.#watermarksMs.set(round, this.#watermarkOf(round, clocksMs));
  }

  /** True when the watermark of this round is known; there is none before 1. */
  knows(round: number): boolean {
    return round <= this.#answered;
  }

  /**
   * The watermark of an answered round, ms; it can be taken once. -Infinity for
   * one before the first.
   */
  takeWatermark(round: number): number {
    if (round < 1) return -Infinity;
    const watermarkMs = this.#watermarksMs.get(round);
    if (watermarkMs === undefined) {
      throw new Error(`Cannot tell the watermark of round ${round}`);
    }
    this.#watermarksMs.delete(round);
    return watermarkMs;
  }

  #watermarkOf(round: number, clocksMs: Float64Array): number {
    let minMs = Infinity;
    for (const [partition, { lastRound }] of this.#standings) {
      if (lastRound <= round) continue;
      minMs = Math.min(minMs, clocksMs[partition] ?? -Infinity);
    }
    return minMs - this.#outOfOrdernessMs - 1;
  }

  /** Takes the answers up to this round into the standings. */
  #learn(last: number): void {
    while (this.#known < Math.min(last, this.#answered)) {
      const round = ++this.#known;
      const clocksMs = this.#answers.get(round)!;
      const filler = this.#filled.get(round)!;
      this.#answers.delete(round);
      this.#filled.delete(round);
      const standing = this.#standing(filler);
      standing.pending--;
      const clockMs = clocksMs[filler] ?? -Infinity;
      if (standing.clockMs > -Infinity) standing.roundsSince++;
      else standing.firstMs = clockMs;
      standing.clockMs = clockMs;
    }
  }

  #unfinished(): [number, Standing][] {
    return [...this.#standings].filter(
      ([, { lastRound }]) => lastRound === Infinity,
    );
  }

  #standing(partition: number): Standing {
    const standing = this.#standings.get(partition);
    if (standing === undefined) {
      throw new Error(`Cannot plan rounds of partition ${partition}`);
    }
    return standing;
  }
}

type Candidate = readonly [partition: number, standing: Standing];

/** The one that is furthest behind; of those that are alike the first. */
function mostBehind(candidates: readonly Candidate[]): Candidate {
  return candidates.reduce((most, each) =>
    isBehind(each, most) ? each : most,
  );
}

function isBehind([a, of]: Candidate, [b, than]: Candidate): boolean {
  const ofMs = projectedMs(of);
  const thanMs = projectedMs(than);
  if (ofMs !== thanMs) return ofMs < thanMs;
  return of.pending === than.pending ? a < b : of.pending < than.pending;
}

/**
 * Where the clock will stand when the rounds under way are answered, ms. An
 * unheard partition holds all others back, so it comes first; but where nothing
 * is known of what the rounds under way will bring, they are waited for.
 */
function projectedMs({
  clockMs,
  firstMs,
  roundsSince,
  pending,
}: Standing): number {
  if (pending === 0) return clockMs;
  if (roundsSince === 0) return Infinity;
  return clockMs + pending * ((clockMs - firstMs) / roundsSince);
}
