import { UsageError } from "../errors.ts";
import type { WindowConfig } from "./config.ts";
import type { RunValues } from "./run_options.ts";

const NO_SKEW_OF_LINES =
  "--max-skew compares with a record's own time, and lines have none";

/** What decides whether the result of a run follows from its input alone. */
export type TimeValues = Pick<
  RunValues,
  "from" | "bounded" | "rate" | "live" | "deterministic"
>;

/**
 * True when the result is a function of the input and the options: then
 * watermarks come by the records read, else as time goes.
 */
export function isDeterministic(values: TimeValues): boolean {
  return !values.live && (values.deterministic || isByItself(values));
}

/** True when a run is deterministic unless it is told to be live. */
export function isByItself({ from, bounded, rate }: TimeValues): boolean {
  if (from.kind === "kafka") return bounded;
  return from.kind !== "generator" || rate === null;
}

/**
 * Throws a `UsageError` when what is asked for of time does not go together, or
 * not with the input.
 */
export function checkDeterminism(
  values: TimeValues & Pick<RunValues, "max-skew">,
): void {
  const { from, live, deterministic } = values;
  if (live && deterministic) {
    throw new UsageError(
      "Cannot run: --live and --deterministic exclude each other",
    );
  }
  if (deterministic && from.kind === "kafka" && !values.bounded) {
    throw new UsageError(
      "Cannot run: --deterministic needs an input that ends, add --bounded; " +
        "the watermarks of an endless topic come as time goes",
    );
  }
  const isLines = from.kind === "file" || from.kind === "stdin";
  if (isLines && isDeterministic(values) && values["max-skew"] !== null) {
    throw new UsageError(
      `Cannot run: ${NO_SKEW_OF_LINES}; with --live it compares with the time of day`,
    );
  }
}

/**
 * Throws a `UsageError` for a `--no-deterministic` that changes nothing: the
 * input makes the run deterministic.
 */
export function refuseVainDenial(
  values: TimeValues,
  { deterministic: origin }: { readonly deterministic: string },
): void {
  const isDenied = origin === "--deterministic" && !values.deterministic;
  if (!isDenied || !isDeterministic(values)) return;
  throw new UsageError(
    "Cannot run: --no-deterministic does nothing here, such an input gives the same result in each run: --live takes that back",
  );
}

/**
 * A replay is deterministic always. Throws a `UsageError` when its rules look at
 * the time of day.
 */
export function checkReplay({
  maxSkewMs,
}: Pick<WindowConfig, "maxSkewMs">): void {
  if (maxSkewMs === null) return;
  throw new UsageError(`Cannot replay: ${NO_SKEW_OF_LINES}`);
}
