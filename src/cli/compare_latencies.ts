import { formatInstant, type Moment } from "../config/instant_types.ts";
import type { LATENCY_OPTIONS } from "../config/latency_options.ts";
import { filePlace, refuseShared } from "../config/output_check.ts";
import { fileOf } from "../config/place_types.ts";
import { formatDuration } from "../config/quantity_types.ts";
import { UsageError } from "../errors.ts";
import { comparisonReport, comparisonText } from "../latency/compare_series.ts";
import { type LatencySeries, plotPoints } from "../latency/latency_series.ts";
import { readLatencyFile } from "../latency/read_latency_file.ts";
import type { TimeRange } from "../latency/time_range.ts";
import { checkPlotPath, writePlot } from "../latency/write_plot.ts";
import { createLogger, type Logger } from "../observe/logger.ts";
import type { CommandCall } from "./command.ts";
import { openTerminal } from "./open_terminal.ts";
import { logOptionsOf } from "./supervise_run.ts";

/** Does the work of `sessionmill latency`; resolves to the exit code. */
export async function compareLatencies({
  values,
  allArguments,
  world,
}: CommandCall<typeof LATENCY_OPTIONS>): Promise<number> {
  const { plot, json, unit, overwrite } = values;
  if (plot !== null) checkPlotPath(plot, { mayReplace: overwrite });
  refuseShared("compare", [
    ["--plot", filePlace(plot)],
    ["the output", { kind: "stdout" }],
  ]);
  const logOptions = logOptionsOf(values);
  const wish = { mode: "off", log: logOptions, usesStdout: true } as const;
  const log = createLogger(openTerminal(world, wish).terminal, logOptions);
  const range = { from: values["latency-from"], to: values["latency-to"] };
  checkOrder(range);
  if (allArguments.filter((each) => each === "-").length > 1) {
    throw new UsageError(
      "Cannot read the command line: - is stdin, which is there once",
    );
  }
  const all: LatencySeries[] = [];
  const warn = (text: string) => log.warn(text);
  const options = { range, unit, warn, signal: world.stopSignal };
  for (const path of allArguments.map(fileOf)) {
    all.push(...(await readLatencyFile(path, options)));
  }
  const table = comparisonText(all);
  const text = json
    ? `${JSON.stringify(comparisonReport(all), null, 2)}\n`
    : `Latency, ms\n${table}`;
  world.stdout.write(text);
  tellAssumed(all, log);
  if (plot !== null) {
    const lines = all.map((series) => ({
      name: series.name,
      points: series.count === 0 ? [] : plotPoints(series),
      maxMs: series.maxMs,
    }));
    const notes = new Set(all.flatMap(({ machine }) => machine ?? []));
    await writePlot(plot, [{ title: "Latency by percentile", lines }], {
      notes: [...notes],
      table,
      mayReplace: overwrite,
    });
    log.info(`plot: ${plot}`);
  }
  return 0;
}

/** Seconds against an instant depend on the log: reading it says what it has. */
function checkOrder({ from, to }: TimeRange): void {
  if (from === null || to === null || from.kind !== to.kind) return;
  if (msOf(from) < msOf(to)) return;
  throw new UsageError(
    `Cannot choose a part of the logs: --from ${momentText(from)} is not before --to ${momentText(to)}, expected the earlier one for --from`,
  );
}

function msOf(moment: Moment): number {
  return moment.kind === "instant" ? moment.ms : moment.seconds * 1000;
}

function momentText(moment: Moment): string {
  const text = moment.kind === "instant" ? formatInstant : formatDuration;
  return text(msOf(moment));
}

/** A ratio of a thousand is most likely one of units. */
function tellAssumed(all: readonly LatencySeries[], log: Logger): void {
  const assumed = all.filter(
    ({ unit }) => unit.by === "assumed" && unit.unit === "ns",
  );
  if (assumed.length === 0) return;
  const names = assumed.map(({ name }) => name).join(", ");
  log.info(
    `taken for ns, which no file says: ${names}; --unit says another one`,
  );
}
