import type { Clock } from "../clock.ts";
import { elapsedText } from "../observe/number_text.ts";

/** Troubles that end sooner are no news, ms: a leader moves, an answer is late. */
const STORY_AFTER_MS = 1_000;
/** The story is told again after this, ms, then after twice that, and so on. */
const FIRST_REPEAT_MS = 15_000;
const LONGEST_REPEAT_MS = 120_000;
const TICK_MS = 250;

/** What an outage is about, and who hears of it. */
export interface OutageOptions {
  /** What does not work: `Kafka at 127.0.0.1:9092 does not answer`. */
  readonly what: string;
  /** That it works again: `Kafka at 127.0.0.1:9092 answers again`. */
  readonly again: string;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

/** What one of the parts that need a thing has to say of its trouble. */
export interface PartTrouble {
  readonly reason: string;
  /** What waits for the end of it: `3 sessions of 150 bytes wait`. */
  readonly waits?: () => string | null;
}

/**
 * Makes one story of the troubles of several parts with the same thing: a line
 * when it goes, one now and then while it is away, and one when all parts are
 * well again, with the time that it was away.
 */
export class Outage {
  readonly #options: OutageOptions;
  /** The parts that are in trouble. */
  readonly #parts = new Map<string, PartTrouble>();
  #sinceMs = 0;
  #nextLineMs = 0;
  #repeatMs = FIRST_REPEAT_MS;
  #isTold = false;
  #endTicks: (() => void) | null = null;

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  /** True from the first trouble on until all parts are well. */
  get isOn(): boolean {
    return this.#parts.size > 0;
  }

  /** A part finds that the thing does not work, again or for the first time. */
  trouble(part: string, trouble: PartTrouble): void {
    if (!this.isOn) this.#begin();
    this.#parts.set(part, trouble);
  }

  /** A part finds that it works, or does not need it any more. */
  well(part: string): void {
    if (!this.#parts.delete(part) || this.isOn) return;
    this.#endTicks?.();
    this.#endTicks = null;
    if (!this.#isTold) return;
    const { again, warn } = this.#options;
    warn(`${again}, after ${elapsedText(this.#awayMs)}`);
  }

  /** Says nothing any more. */
  close(): void {
    this.#parts.clear();
    this.#endTicks?.();
    this.#endTicks = null;
  }

  get #awayMs(): number {
    return this.#options.clock.nowMs() - this.#sinceMs;
  }

  #begin(): void {
    const { clock } = this.#options;
    this.#sinceMs = clock.nowMs();
    this.#nextLineMs = STORY_AFTER_MS;
    this.#repeatMs = FIRST_REPEAT_MS;
    this.#isTold = false;
    this.#endTicks = clock.every(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    const awayMs = this.#awayMs;
    if (awayMs < this.#nextLineMs) return;
    const { what, warn } = this.#options;
    const still = this.#isTold ? ` for ${Math.round(awayMs / 1000)} s` : "";
    const waits = [...this.#parts.values()]
      .map((trouble) => trouble.waits?.() ?? null)
      .filter((text) => text !== null);
    const { reason } = this.#parts.values().next().value!;
    warn([`${what}${still}: ${reason}`, ...waits].join("; "));
    this.#isTold = true;
    this.#nextLineMs = awayMs + this.#repeatMs;
    this.#repeatMs = Math.min(2 * this.#repeatMs, LONGEST_REPEAT_MS);
  }
}

/** The story of the brokers of a run, for all that talk to them. */
export function brokerOutage(
  brokers: readonly string[],
  options: Pick<OutageOptions, "clock" | "warn">,
): Outage {
  const name = `Kafka at ${brokers.join(",")}`;
  return new Outage({
    ...options,
    what: `${name} does not answer`,
    again: `${name} answers again`,
  });
}
