import type { Clock } from "../clock.ts";
import { elapsedText } from "../observe/number_text.ts";

/** Troubles that end sooner are no news, ms: a leader moves, an answer is late. */
const STORY_AFTER_MS = 1_000;
/** It must be back for so long, ms, before the story is over. */
const AGAIN_AFTER_MS = 2_000;
/** The story is told again after this, ms, then after twice that, and so on. */
const FIRST_REPEAT_MS = 15_000;
const LONGEST_REPEAT_MS = 120_000;
/** When all who told of it have left, others go on with the story for so long, ms. */
const LEFT_MS = 10_000;
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
  readonly waits?: (() => string | null) | undefined;
  /**
   * True for a part that takes its time when the thing is back: the story does
   * not wait for it where others know better.
   */
  readonly isSlow?: boolean | undefined;
}

/**
 * Makes one story of the troubles of several parts with the same thing: a line
 * when it goes, one now and then while it is away, and one when it is back,
 * with the time that it was away.
 */
export class Outage {
  readonly #options: OutageOptions;
  /** The parts that are in trouble. */
  readonly #parts = new Map<string, PartTrouble>();
  /** Slow parts that were still in trouble when the story was over. */
  readonly #behind = new Set<string>();
  #sinceMs: number | null = null;
  #endedAtMs = -Infinity;
  /** Since when nobody is left who has told of it, ms. */
  #leftAtMs: number | null = null;
  /** Since when it is back, ms; null while it is not. */
  #backSinceMs: number | null = null;
  /** True when a part that is not slow is in the story, or was. */
  #hasQuick = false;
  #nextLineMs = 0;
  #repeatMs = 0;
  #isTold = false;
  #endTicks: (() => void) | null = null;

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  /** True from the first trouble on until the thing has been back for a while. */
  get isOn(): boolean {
    if (this.#leftAtMs === null) return this.#sinceMs !== null;
    return this.#options.clock.nowMs() - this.#leftAtMs < LEFT_MS;
  }

  /** True while it is on and was told: troubles that soon end are no news. */
  get isNews(): boolean {
    return this.isOn && this.#isTold;
  }

  /** True while it is on, and for so long, ms, afterwards. */
  wasOnWithin(ms: number): boolean {
    return this.isOn || this.#options.clock.nowMs() - this.#endedAtMs < ms;
  }

  /** A part finds that the thing does not work, again or for the first time. */
  trouble(part: string, trouble: PartTrouble): void {
    if (this.#behind.has(part)) return;
    if (!this.isOn) this.#begin();
    this.#resume();
    if (!trouble.isSlow) this.#hasQuick = true;
    this.#parts.set(part, trouble);
    this.#judge();
  }

  /** A part finds that it works. */
  well(part: string): void {
    this.#behind.delete(part);
    const isNews = this.#parts.delete(part) || this.#leftAtMs !== null;
    if (!isNews || !this.isOn) return;
    this.#resume();
    this.#judge();
  }

  /**
   * A part ends, and does not need the thing any more. Where a run begins again,
   * a story that was told goes on with those that come.
   */
  leave(part: string): void {
    this.#behind.delete(part);
    if (!this.#parts.delete(part)) return;
    if (this.#parts.size > 0) this.#judge();
    else if (!this.#isTold) this.#end();
    else {
      this.#stopTicks();
      this.#leftAtMs = this.#options.clock.nowMs();
      this.#endedAtMs = this.#leftAtMs;
    }
  }

  #judge(): void {
    const troubles = [...this.#parts.values()];
    const isAway = this.#hasQuick
      ? troubles.some(({ isSlow }) => !isSlow)
      : troubles.length > 0;
    if (isAway) this.#backSinceMs = null;
    else this.#backSinceMs ??= this.#options.clock.nowMs();
  }

  #begin(): void {
    const { clock } = this.#options;
    this.#leftAtMs = null;
    this.#sinceMs = clock.nowMs();
    this.#nextLineMs = STORY_AFTER_MS;
    this.#repeatMs = FIRST_REPEAT_MS;
    this.#isTold = false;
  }

  #resume(): void {
    this.#leftAtMs = null;
    this.#endTicks ??= this.#options.clock.every(TICK_MS, () => this.#tick());
  }

  #end(): void {
    for (const part of this.#parts.keys()) this.#behind.add(part);
    this.#parts.clear();
    this.#endedAtMs = this.#options.clock.nowMs();
    this.#sinceMs = null;
    this.#backSinceMs = null;
    this.#hasQuick = false;
    this.#stopTicks();
  }

  #stopTicks(): void {
    this.#endTicks?.();
    this.#endTicks = null;
  }

  #tick(): void {
    const nowMs = this.#options.clock.nowMs();
    const sinceMs = this.#sinceMs!;
    if (this.#backSinceMs === null) this.#tell(nowMs - sinceMs);
    else if (nowMs - this.#backSinceMs >= AGAIN_AFTER_MS) {
      const awayMs = this.#backSinceMs - sinceMs;
      this.#end();
      const { again, warn } = this.#options;
      if (this.#isTold) warn(`${again}, after ${elapsedText(awayMs)}`);
    }
  }

  #tell(awayMs: number): void {
    if (awayMs < this.#nextLineMs) return;
    const { what, warn } = this.#options;
    const still = this.#isTold ? ` for ${Math.round(awayMs / 1000)} s` : "";
    const troubles = [...this.#parts.values()];
    const waits = troubles
      .map(({ waits }) => waits?.() ?? null)
      .filter((text) => text !== null);
    warn([`${what}${still}: ${troubles[0]!.reason}`, ...waits].join("; "));
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
