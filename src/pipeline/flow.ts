import type { Clock } from "../clock.ts";
import { Dispatcher } from "../fleet/dispatcher.ts";
import type { Logger } from "../observe/logger.ts";
import type { Source } from "../source/source.ts";
import { Assignment } from "./assignment.ts";
import { Delivery } from "./delivery.ts";
import type { Outputs } from "./outputs.ts";
import type { Fleet, PipelineSettings } from "./pipeline_parts.ts";
import type { RunMeters } from "./run_meters.ts";
import { RunWatch } from "./run_watch.ts";

/** What brings visits to the shards, and their reports to the outputs. */
export interface Flow {
  readonly delivery: Delivery;
  readonly dispatcher: Dispatcher;
  readonly assignment: Assignment;
  readonly watch: RunWatch;
}

/** What a flow connects: parts that are open. */
export interface FlowParts {
  readonly source: Source;
  readonly fleet: Fleet;
  readonly outputs: Outputs;
  readonly meters: RunMeters;
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
  const { maxInFlightBytes, idleTimeoutMs, window } = settings;
  const { source, fleet, outputs, meters, clock, log } = parts;
  const { topic } = source;
  const place = { topic, log, clock };
  const delivery = new Delivery(outputs, meters, place);
  const dispatcher = new Dispatcher(
    fleet,
    {
      inFlightLimitBytes: maxInFlightBytes,
      outputLimitBytes: maxInFlightBytes,
      watermarks: "merged",
      keepsRecords: outputs.late !== null || outputs.deadLetters !== null,
      ...{ topic, clock },
    },
    {
      onReport: (report, applied) => delivery.deliver(report, applied),
      onFailure: (error) => parts.onFailure(error),
    },
  );
  const { maxSkewMs } = window;
  return {
    delivery,
    dispatcher,
    assignment: new Assignment(dispatcher, { topic, idleTimeoutMs, clock }),
    watch: new RunWatch(dispatcher, { ...place, maxSkewMs }),
  };
}
