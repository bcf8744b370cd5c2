import assert from "node:assert/strict";
import { pino } from "pino";
import { Random } from "../../src/generate/random.ts";
import type { RunSummary } from "../../src/observe/run_summary.ts";
import { Pipeline } from "../../src/pipeline/pipeline.ts";
import { type Plan, planOf, START_MS } from "./plan.ts";
import { Scheduler } from "./scheduler.ts";
import { LINES, SimulatedFleet } from "./simulated_fleet.ts";
import { SimulatedSessions, SimulatedSide } from "./simulated_sinks.ts";
import { SimulatedSource } from "./simulated_source.ts";

/** What a run has left behind. */
export interface SimulatedRun {
  readonly plan: Plan;
  readonly source: SimulatedSource;
  readonly sessions: SimulatedSessions;
  readonly late: SimulatedSide;
  readonly deadLetters: SimulatedSide;
  readonly summary: RunSummary;
  readonly error: unknown;
  /** Changes with anything that happens in another order. */
  readonly traceHash: string;
}

/**
 * Runs the pipeline of a seed on a virtual clock, with real shards in this
 * thread. Throws when something is wrong already while it runs, or is left
 * open behind it. With a plan of its own, the seed is that of chance alone.
 */
export async function simulate(
  seed: number,
  plan: Plan = planOf(seed),
): Promise<SimulatedRun> {
  const random = new Random(seed + 1_000_000);
  const scheduler = new Scheduler(random, START_MS);
  const world = { plan, scheduler, random };
  const source = new SimulatedSource(plan, scheduler, random);
  const sessions = new SimulatedSessions("sessions", world);
  const late = new SimulatedSide("late", world);
  const deadLetters = new SimulatedSide("dead letters", world);
  const fleet = new SimulatedFleet(plan, { source, scheduler, random });
  const pipeline = new Pipeline(
    {
      idleTimeoutMs: plan.idleTimeoutMs,
      maxInFlightBytes: random.pick([4_000, 1 << 20]),
      sharedRecordsMax: plan.sharedRecordsMax,
      window: plan.window,
      histograms: null,
      existingFile: "refuse",
    },
    {
      source,
      async openOutputs() {
        return { sessions, late, deadLetters, sender: null, encoder: LINES };
      },
      fleet,
      shardOptions: () => [],
      clock: scheduler,
      roundRecords: plan.roundRecords,
    },
  );
  const stopping = new AbortController();
  if (plan.stopAtMs !== null) {
    scheduler.at(plan.stopAtMs, "stop", () => stopping.abort());
  }
  let summary: RunSummary | null = null;
  let error: unknown = null;
  const running = pipeline.run({
    signal: stopping.signal,
    log: pino({ level: "silent" }),
    onEnd(state) {
      summary = state;
    },
  });
  const outcome = running.then(
    () => {},
    (thrown: unknown) => {
      error = thrown;
    },
  );
  await scheduler.drive(outcome);
  for (const part of [source, sessions, late, deadLetters, fleet]) {
    assert.equal(part.isOpen, false, `${part.constructor.name} is open`);
  }
  assert.ok(summary !== null);
  const traceHash = scheduler.traceHash();
  const sinks = { sessions, late, deadLetters };
  return { plan, source, ...sinks, summary, error, traceHash };
}
