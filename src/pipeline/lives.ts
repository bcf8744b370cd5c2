import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import {
  messageOf,
  ReaderGoneError,
  RecoverableError,
  UsageError,
  WorldError,
} from "../errors.ts";
import type { Logger } from "../observe/logger.ts";

/** So many failures within this time, ms, are too many. */
const FAILURES_MAX = 3;
const FAILURES_WITHIN_MS = 60_000;
/** Pause before the run begins again, ms; doubles with each failure. */
const PAUSE_MS = 200;

/** One attempt to run. */
export interface Life {
  /** 1 for the first. */
  readonly number: number;
  /** When the one before failed, ms; null for the first. */
  readonly failedAtMs: number | null;
}

/** How lives end, and who hears of it. */
export interface LivesOptions {
  /** Aborted: no other life begins. */
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
  /** The run begins again. */
  readonly onRecover: () => void;
  /**
   * True for a failure that comes of what all wait for, such as brokers that are
   * away: it heals, and does not count.
   */
  readonly isExcused?: (error: unknown) => boolean;
  readonly pauseMs?: number;
  /** Waits so long, ms, unless the signal is aborted; by the wall clock if left out. */
  readonly pause?: (ms: number) => Promise<void>;
}

/**
 * Lives again after failures that beginning again may heal: all but those of the
 * world and of what was asked for. The third within a minute is thrown. Resolves
 * to null when a life that was to stop has failed so: nothing is lost by that.
 */
export async function runLives<T>(
  live: (life: Life) => Promise<T>,
  options: LivesOptions,
): Promise<T | null> {
  const { signal, clock, log, onRecover, pauseMs = PAUSE_MS } = options;
  const pause = options.pause ?? ((ms: number) => sleepUnless(signal, ms));
  const failuresMs: number[] = [];
  let failedAtMs: number | null = null;
  for (let number = 1; ; number++) {
    try {
      return await live({ number, failedAtMs });
    } catch (error) {
      failedAtMs = clock.nowMs();
      const isExcused = options.isExcused?.(error) ?? false;
      if (!isExcused) failuresMs.push(failedAtMs);
      const sinceMs = failedAtMs - FAILURES_WITHIN_MS;
      const recent = failuresMs.filter((ms) => ms > sinceMs).length;
      if (!isExcused && !isRecoverable(error)) throw error;
      if (recent >= FAILURES_MAX) throw giveUp(error, recent);
      if (!signal.aborted) {
        tell(log, error, "begins again from the last commit");
        onRecover();
        await pause(pauseMs * 2 ** Math.max(0, recent - 1));
      }
      if (!signal.aborted) continue;
      tell(log, error, "the next start goes on from the last commit");
      return null;
    }
  }
}

async function sleepUnless(signal: AbortSignal, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

function isRecoverable(error: unknown): boolean {
  const isOfWorld = error instanceof WorldError || error instanceof UsageError;
  return !isOfWorld && !(error instanceof ReaderGoneError);
}

function tell(log: Logger, error: unknown, what: string): void {
  const text = `${messageOf(error)}: ${what}`;
  // One of ours says all; of a defect it matters where it is.
  if (error instanceof RecoverableError) log.warn(text);
  else log.warn({ err: error }, text);
}

function giveUp(cause: unknown, count: number): unknown {
  if (!(cause instanceof RecoverableError)) return cause;
  return new WorldError(
    `Cannot go on: ${count} failures within a minute, the last one: ` +
      messageOf(cause),
    { cause },
  );
}
