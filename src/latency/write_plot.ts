import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError, WorldError } from "../errors.ts";
import { unwritableReason } from "../files/file_reasons.ts";
import { escapeXml, type LatencyPanel, latencyPlot } from "./latency_plot.ts";

/** What stands in a plot beside its lines. */
export interface PlotOptions {
  readonly notes: readonly string[];
  /** A table in text, for pages. */
  readonly table: string;
  readonly mayReplace: boolean;
}

/**
 * For before the work whose result is drawn: a load of an hour must not end with a
 * plot that cannot be written. Throws a `UsageError` when the ending of the path
 * names no form of plot, or a file is there that may not be replaced, a
 * `WorldError` when its folder is missing.
 */
export function checkPlotPath(
  path: string,
  { mayReplace }: Pick<PlotOptions, "mayReplace">,
): void {
  if (!/\.(svg|html)$/.test(path)) {
    throw new UsageError(
      `Cannot draw plot "${path}": its name must end with .svg or .html`,
    );
  }
  if (!mayReplace && existsSync(path)) throw existing(path);
  const folder = dirname(path);
  if (existsSync(folder)) return;
  throw new WorldError(
    `Cannot draw plot "${path}": there is no folder "${folder}"`,
  );
}

/**
 * Writes a plot, as SVG or as a page with the table, by the ending of the path.
 * Throws what `checkPlotPath` throws, and a `WorldError` when it cannot be written.
 */
export async function writePlot(
  path: string,
  panels: readonly LatencyPanel[],
  { notes, table, mayReplace }: PlotOptions,
): Promise<void> {
  checkPlotPath(path, { mayReplace });
  const svg = latencyPlot(panels, notes);
  const text = path.endsWith(".html") ? pageOf(svg, table) : svg;
  try {
    await writeFile(path, text, { flag: mayReplace ? "w" : "wx" });
  } catch (error) {
    const isThere =
      error instanceof Error && "code" in error && error.code === "EEXIST";
    if (isThere) throw existing(path);
    throw new WorldError(
      `Cannot draw plot "${path}": ${unwritableReason(error)}`,
    );
  }
}

function existing(path: string): UsageError {
  return new UsageError(
    `Cannot draw plot "${path}": it exists, take another name or let --overwrite replace it`,
  );
}

function pageOf(svg: string, table: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Latency by percentile</title>
<style>
  body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--paper); color: var(--ink); }
  svg { width: 100%; height: auto; }
  pre { overflow-x: auto; font-size: 0.8rem; }
</style>
</head>
<body>
${svg}<pre>${escapeXml(table)}</pre>
</body>
</html>
`;
}
