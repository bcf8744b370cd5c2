import type { Clock } from "../clock.ts";
import { Dispatcher } from "../fleet/dispatcher.ts";
import type { FleetClock } from "../fleet/dispatcher_parts.ts";
import type { Logger } from "../observe/logger.ts";
import type { Chunk } from "../record/chunk.ts";
import type { Source } from "../source/source.ts";
import { Assignment } from "./assignment.ts";
import { Delivery } from "./delivery.ts";
import { type Intake, LiveIntake, RoundIntake } from "./intake.ts";
import { type Keeper, NoKeeper } from "./keeper.ts";
import type { LiveView } from "./live_view.ts";
import type { Outputs } from "./outputs.ts";
import type { Durable, Fleet, PipelineSettings } from "./pipeline_parts.ts";
import type { RunMeters } from "./run_meters.ts";
import { RunWatch } from "./run_watch.ts";

/** What brings visits to the shards, and their reports to the outputs. */
export interface Flow {
  readonly intake: Intake;
  readonly assignment: Assignment;
  readonly dispatcher: Dispatcher;
  readonly delivery: Delivery;
  readonly watch: RunWatch;
  readonly keeper: Keeper;
}

/** What a flow connects: parts that are open. */
export interface FlowParts {
  readonly source: Source;
  readonly fleet: Fleet;
  readonly outputs: Outputs;
  readonly meters: RunMeters;
  readonly roundRecords: number | null;
  readonly durable: Durable | null;
  /** What shows the run to those who look; null: nobody does. */
  readonly view: LiveView | null;
  readonly clock: Clock;
  readonly log: Logger;
  /** The run cannot go on. */
  onFailure(error: unknown): void;
}

/** Connects open parts. */
export function connectFlow(
  settings: PipelineSettings,
  parts: FlowParts,
): Flow {
  const { source, fleet, outputs, meters, clock, log } = parts;
  const { roundRecords, durable } = parts;
  const { window, sharedRecordsMax } = settings;
  const deterministic = roundRecords !== null;
  const { topic } = source;
  const place = { topic, log, clock };
  const gate = durable?.gate(fleet.size) ?? null;
  const delivery = new Delivery(outputs, meters, { ...place, gate, source });
  const dispatcher = new Dispatcher(
    fleet,
    {
      inFlightLimitBytes: settings.maxInFlightBytes,
      outputLimitBytes: settings.maxInFlightBytes,
      watermarks: deterministic ? "told" : "merged",
      keepsRecords: outputs.late !== null || outputs.deadLetters !== null,
      clock: deterministic ? timeless(clock) : clock,
      topic,
      ...timeoutOf(settings),
      ...(settings.routeBy && { routeBy: settings.routeBy }),
      ...(sharedRecordsMax !== undefined && { sharedRecordsMax }),
    },
    {
      onReport: (report, of) => delivery.deliver(report, of),
      onRound: (round, clocksMs) => intake.answer(round, clocksMs),
      onBarrier: (commit, passed) => keeper.passed(commit, passed),
      onFailure: (error) => parts.onFailure(keeper.failure(error)),
    },
  );
  const { maxSkewMs, outOfOrdernessMs } = window;
  const watch = new RunWatch(dispatcher, {
    ...{ ...place, maxSkewMs, deterministic },
    keepsWindows: durable !== null,
  });
  // Only of a partition that is silent as time goes, others need not wait.
  const idleTimeoutMs = deterministic ? 0 : settings.idleTimeoutMs;
  const timing = { topic, idleTimeoutMs, clock };
  const assignment = new Assignment(dispatcher, timing);
  const fail = (error: unknown) => {
    dispatcher.fail(error);
    parts.onFailure(error);
  };
  const connected = {
    ...{ source, assignment, dispatcher, meters, outputs, fail },
  };
  const keeper =
    durable === null || gate === null
      ? new NoKeeper(connected)
      : durable.keeper(connected, gate);
  const duties = {
    deal(chunk: Chunk) {
      assignment.heard(chunk.partition);
      meters.routed += chunk.count;
      meters.firstRecord.watch(chunk, topic);
      watch.routed(chunk);
      dispatcher.dealer.deal(chunk);
      keeper.dealt(chunk);
    },
    finish: (partition: number) => assignment.finish(partition),
  };
  const intake =
    roundRecords === null
      ? new LiveIntake(dispatcher, duties)
      : new RoundIntake(
          { dispatcher, source, outOfOrdernessMs, roundRecords },
          duties,
        );
  parts.view?.connect({ source, assignment, dispatcher, keeper });
  return { intake, assignment, dispatcher, delivery, watch, keeper };
}

/** How long a shard is waited for, in a run that can go on without it. */
function timeoutOf({ durability }: PipelineSettings) {
  if (!durability) return {};
  return { shardTimeoutMs: durability.shardTimeoutMs };
}

/** The clock, but records without a time of their own are not compared with it. */
function timeless(clock: Clock): FleetClock {
  return { nowMs: () => clock.nowMs(), skewNowMs: () => Infinity };
}
