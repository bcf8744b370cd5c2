import type { LATENCY_OPTIONS } from "../config/latency_options.ts";
import { comparisonReport, comparisonText } from "../latency/compare_series.ts";
import { type LatencySeries, plotPoints } from "../latency/latency_series.ts";
import { readLatencyFile } from "../latency/read_latency_file.ts";
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
  const logOptions = logOptionsOf(values);
  const wish = { mode: "off", log: logOptions, usesStdout: true } as const;
  const log = createLogger(openTerminal(world, wish).terminal, logOptions);
  const range = { from: values["latency-from"], to: values["latency-to"] };
  const all: LatencySeries[] = [];
  for (const path of allArguments) {
    const warn = (text: string) => log.warn(text);
    all.push(...(await readLatencyFile(path, { range, unit, warn })));
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
