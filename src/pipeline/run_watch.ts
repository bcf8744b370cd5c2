import type { Clock } from "../clock.ts";
import type { Dispatcher } from "../fleet/dispatcher.ts";
import type { Logger } from "../observe/logger.ts";
import { countText, watermarkText } from "../observe/number_text.ts";
import type { Progress } from "../observe/run_summary.ts";
import type { Chunk } from "../record/chunk.ts";
import type { PartitionProgress } from "../source/source.ts";

const HOUR_MS = 3_600_000;
/** How often `--log-level debug` tells how the run stands, ms. */
const DEBUG_INTERVAL_MS = 10_000;
/** A clock so far ahead of the records' own time is worth a warning, ms. */
const FAR_AHEAD_MS = HOUR_MS;

/** How the watch speaks, and by which rules. */
export interface WatchOptions {
  readonly topic: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** null: no visit is too far ahead to be taken. */
  readonly maxSkewMs: number | null;
  /** Windows move with their partitions, and are not made anew. */
  readonly keepsWindows?: boolean;
  /** Visits are compared with their records' own time, never with the clock. */
  readonly deterministic?: boolean;
}

/** What the watch looks at beside. */
type Watched = Pick<Dispatcher, "clocksMs" | "links">;

/** Says what goes on in a run, and what looks wrong with its times. */
export class RunWatch {
  readonly #options: WatchOptions;
  readonly #dispatcher: Watched;
  /** By partition: the newest time that its records themselves have. */
  readonly #recordMs = new Map<number, number>();
  /** Partitions whose clocks were warned of. */
  readonly #warned = new Set<number>();
  #debuggedAtMs: number;
  #hasWarnedOfMixed = false;

  constructor(dispatcher: Watched, options: WatchOptions) {
    this.#dispatcher = dispatcher;
    this.#options = options;
    this.#debuggedAtMs = options.clock.nowMs();
  }

  /** The records of a chunk are on their way to the shards. */
  routed({ partition, newestMs }: Pick<Chunk, "partition" | "newestMs">): void {
    const before = this.#recordMs.get(partition) ?? -1;
    if (newestMs > before) this.#recordMs.set(partition, newestMs);
  }

  /** To be called now and then. */
  tick(progress: Progress, partitions: readonly PartitionProgress[]): void {
    this.#checkClocks();
    const nowMs = this.#options.clock.nowMs();
    this.#checkMixed(progress.mixedSessions);
    if (nowMs - this.#debuggedAtMs < DEBUG_INTERVAL_MS) return;
    this.#debuggedAtMs = nowMs;
    const { log } = this.#options;
    if (!log.isLevelEnabled("debug")) return;
    log.debug(this.#state(progress, partitions), "the run stands so");
  }

  /** To be called at the end of a run, which may come before the first tick. */
  finish(progress: Progress): void {
    this.#checkClocks();
    this.#checkMixed(progress.mixedSessions);
  }

  /** Says once that sessions are made of visits of several partitions. */
  #checkMixed(mixedSessions: number): void {
    if (this.#hasWarnedOfMixed || mixedSessions === 0) return;
    this.#hasWarnedOfMixed = true;
    const { topic, log, keepsWindows = false } = this.#options;
    const cost = keepsWindows
      ? "but a process that has not all of these partitions makes several sessions of them"
      : "but when a partition moves all are read again";
    log.warn(
      { topic, mixedSessions },
      `a visit_id of ${topic} comes from several partitions: its visits are ` +
        `joined all the same, ${cost}; key the topic by visit_id`,
    );
  }

  #checkClocks(): void {
    const { maxSkewMs, clock } = this.#options;
    if (maxSkewMs !== null) return;
    const nowMs = clock.nowMs();
    this.#dispatcher.clocksMs.forEach((clockMs, partition) => {
      const recordMs = this.#recordMs.get(partition);
      const aheadMs = clockMs - (recordMs ?? nowMs);
      if (aheadMs <= FAR_AHEAD_MS) this.#warned.delete(partition);
      else if (!this.#warned.has(partition)) {
        this.#warned.add(partition);
        this.#warn(partition, {
          clockMs,
          aheadMs,
          hasOwn: recordMs !== undefined,
        });
      }
    });
  }

  #warn(
    partition: number,
    clock: { clockMs: number; aheadMs: number; hasOwn: boolean },
  ): void {
    const { topic, log, deterministic = false } = this.#options;
    const { clockMs, aheadMs, hasOwn } = clock;
    const flag = deterministic && !hasOwn ? "--live --max-skew" : "--max-skew";
    const reference = hasOwn ? "its records' own time" : "the time of day";
    log.warn(
      {
        ...{ topic, partition },
        eventTime: new Date(clockMs).toISOString(),
        aheadMs: Math.round(aheadMs),
      },
      `a visit of ${topic}[${partition}] is dated ${watermarkText(clockMs)}, ` +
        `${aheadText(aheadMs)} ahead of ${reference}: the watermark follows ` +
        `it, and visits behind it may be late; ${flag} rejects such visits`,
    );
  }

  #state(progress: Progress, partitions: readonly PartitionProgress[]) {
    const { clocksMs, links } = this.#dispatcher;
    return {
      visitsIn: progress.visitsIn,
      sessions: progress.sessions,
      openSessions: progress.openSessions,
      watermark: watermarkText(progress.watermarkMs),
      hold: progress.hold,
      tasks: links.map(({ tasksSent }) => tasksSent),
      partitions: partitions.map(
        ({ partition, position, lag, isCaughtUp }) => ({
          ...{ partition, position, lag, isCaughtUp },
          clock: watermarkText(clocksMs[partition] ?? -Infinity),
        }),
      ),
    };
  }
}

function aheadText(ms: number): string {
  const hours = ms / HOUR_MS;
  if (hours < 48) return `${countText(hours)} h`;
  return `${countText(hours / 24)} days`;
}
