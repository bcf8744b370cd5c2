import { WALL_CLOCK } from "../clock.ts";
import type { Durability, RunConfig } from "../config/config.ts";
import { RecoverableError } from "../errors.ts";
import { OwnSeat } from "../kafka/group_seat.ts";
import type { Outage } from "../kafka/outage.ts";
import type { RunSummary } from "../observe/run_summary.ts";
import { DurableWindows } from "./durable_windows.ts";
import { type Life, runLives } from "./lives.ts";
import type { PipelineHooks } from "./pipeline_parts.ts";
import type { RunMeters } from "./run_meters.ts";

/**
 * Members and transactions that brokers gave up meanwhile, or gave to a process
 * of the same name, fail so much later, ms.
 */
const AFTERMATH_MS = 15_000;

/** What one life has that others have not. */
export interface LifeParts {
  readonly hooks: PipelineHooks;
  /** null: nothing is kept for another life. */
  readonly state: {
    readonly windows: DurableWindows;
    /** Its source tells of it, and takes it up again. */
    readonly ownSeat: OwnSeat;
    /** It is not the first one. */
    readonly isAgain: boolean;
  } | null;
}

/** What a durable run works with. */
export interface DurableRun {
  readonly durability: Durability;
  readonly hooks: PipelineHooks;
  readonly outage: Outage;
  /** Of the run, and of its commits. */
  readonly meters: RunMeters;
  readonly framesMax: number;
  /** Runs one pipeline from its start to its end. */
  live(parts: LifeParts): Promise<RunSummary>;
}

/**
 * Runs a pipeline that commits, and another one after a failure that the last
 * commit heals: to the caller they are one run.
 */
export async function runDurably(
  config: RunConfig,
  run: DurableRun,
): Promise<RunSummary> {
  const { hooks, outage, meters } = run;
  const ownSeat = new OwnSeat();
  const lives = {
    number: 0,
    hasBegun: false,
    summary: null as RunSummary | null,
  };
  const lifeHooks: PipelineHooks = {
    ...hooks,
    onBegin() {
      lives.hasBegun = true;
      if (lives.number === 1) hooks.onBegin?.();
    },
    onEnd(summary) {
      lives.summary = summary;
    },
  };
  const live = (life: Life) => {
    lives.number = life.number;
    lives.hasBegun = false;
    const windows = new DurableWindows({
      ...{ config, life, log: hooks.log, signal: hooks.signal },
      ...{ ...run, ownSeat, meters: meters.durability! },
      topic: inputOf(config),
    });
    const isAgain = life.number > 1;
    const state = { windows, ownSeat, isAgain };
    return run.live({ hooks: lifeHooks, state });
  };
  try {
    const summary = await runLives(live, {
      ...{ signal: hooks.signal, clock: WALL_CLOCK, log: hooks.log },
      onRecover: () => meters.recover(),
      isExcused: (error) => {
        const isOfOutage = outage.wasOnWithin(AFTERMATH_MS);
        const nowMs = performance.now();
        const isOfSeat = ownSeat.wasTakenBackWithin(nowMs, AFTERMATH_MS);
        if (error instanceof RecoverableError) return isOfOutage || isOfSeat;
        // Later lives find brokers that were there before.
        return isOfOutage && lives.number > 1 && !lives.hasBegun;
      },
    });
    // It was to stop, and has.
    lives.summary = summary ?? meters.summary(-Infinity, "stopped");
    return lives.summary;
  } finally {
    if (lives.summary !== null) hooks.onEnd?.(lives.summary);
  }
}

function inputOf({ from }: RunConfig): string {
  if (from.kind === "kafka") return from.topic;
  throw new Error(`Cannot commit the offsets of an input of kind ${from.kind}`);
}
