import type { Clock } from "../clock.ts";
import type { PartitionProgress } from "../source/source.ts";
import type { Positions } from "./positions.ts";

/** So many records since the last cut make the next one due: its export is short then. */
const RECORDS_MAX = 65_536;
/** The same while a backlog is worked off, when a commit a second is enough, ms. */
const BACKLOG_RECORDS_MAX = 262_144;
const BACKLOG_INTERVAL_MS = 1_000;
/** What is caught up with sooner, ms, is a hiccup, and its sessions are not to wait. */
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
 * whatever is in it, so while there is a backlog there are fewer: sessions are
 * late anyway then, and become half as late again at most.
 */
export class CommitPace {
  readonly #parts: CommitPaceParts;
  #cutAtMs: number;

  constructor(parts: CommitPaceParts) {
    this.#parts = parts;
    this.#cutAtMs = parts.clock.nowMs();
  }

  /** A cut is made, or an assignment begins. */
  cut(): void {
    this.#cutAtMs = this.#parts.clock.nowMs();
  }

  /** True when so much is dealt since the last cut that time does not matter. */
  get isFull(): boolean {
    return this.#parts.positions.recordsSince >= RECORDS_MAX;
  }

  /** True when it is time for the next one. */
  get isDue(): boolean {
    const { clock, intervalMs, positions, progress } = this.#parts;
    const { recordsSince } = positions;
    const sinceMs = clock.nowMs() - this.#cutAtMs;
    // Ticks come a little early or late.
    if (!this.isFull && sinceMs < intervalMs * 0.9) return false;
    if (recordsSince >= BACKLOG_RECORDS_MAX) return true;
    const backlog = positions.backlog(progress());
    if (backlog === 0 || sinceMs >= BACKLOG_INTERVAL_MS) return true;
    const catchUpMs = (backlog / recordsSince) * sinceMs;
    return catchUpMs < BACKLOG_MIN_MS || sinceMs >= catchUpMs / 2;
  }
}
