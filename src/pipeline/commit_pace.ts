import type { Clock } from "../clock.ts";
import type { PartitionProgress } from "../source/source.ts";
import type { Positions } from "./positions.ts";

/** So many records since the last cut make the next one due: its export is short then. */
const RECORDS_MAX = 65_536;
/** The same while a backlog is worked off, when a commit a second is enough, ms. */
const BACKLOG_RECORDS_MAX = 1_048_576;
const BACKLOG_INTERVAL_MS = 1_000;
/** What is caught up with sooner, ms, is a hiccup, unless it is a backlog's end. */
const BACKLOG_MIN_MS = 300;

/** What a pace goes by. */
export interface CommitPaceParts {
  readonly clock: Pick<Clock, "nowMs">;
  readonly positions: Positions;
  readonly progress: () => readonly PartitionProgress[];
  readonly intervalMs: number;
}

/**
 * When the next commit is due. Each costs the brokers and the shards the same
 * whatever is in it, so while there is a backlog there are fewer, and the last
 * one comes when all is read: sessions are late anyway then.
 */
export class CommitPace {
  readonly #parts: CommitPaceParts;
  #cutAtMs: number;
  /** A backlog is being worked off, and was not nearly done at the last cut. */
  #wasBehind = false;

  constructor(parts: CommitPaceParts) {
    this.#parts = parts;
    this.#cutAtMs = parts.clock.nowMs();
  }

  /** A cut is about to be made, or an assignment begins. */
  cut(): void {
    const { clock, intervalMs } = this.#parts;
    const nowMs = clock.nowMs();
    const leastMs = this.#wasBehind ? intervalMs : BACKLOG_MIN_MS;
    this.#wasBehind = this.#catchUpMs(nowMs - this.#cutAtMs) >= leastMs;
    this.#cutAtMs = nowMs;
  }

  /** True when so much is dealt since the last cut that time does not matter. */
  get isFull(): boolean {
    return this.#parts.positions.recordsSince >= RECORDS_MAX;
  }

  /** True when it is time for the next one. */
  get isDue(): boolean {
    const { clock, intervalMs, positions } = this.#parts;
    const sinceMs = clock.nowMs() - this.#cutAtMs;
    // Ticks come a little early or late.
    if (!this.isFull && sinceMs < intervalMs * 0.9) return false;
    if (positions.recordsSince >= BACKLOG_RECORDS_MAX) return true;
    const catchUpMs = this.#catchUpMs(sinceMs);
    if (catchUpMs === 0 || sinceMs >= BACKLOG_INTERVAL_MS) return true;
    return catchUpMs < BACKLOG_MIN_MS && !this.#wasBehind;
  }

  /** How long the backlog takes at the pace since the last cut; 0: there is none. */
  #catchUpMs(sinceMs: number): number {
    const { positions, progress } = this.#parts;
    const backlog = positions.backlog(progress());
    return backlog === 0 ? 0 : (backlog / positions.recordsSince) * sinceMs;
  }
}
