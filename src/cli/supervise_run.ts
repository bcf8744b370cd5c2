import type { RunConfig } from "../config/config.ts";
import type { GENERAL_OPTIONS } from "../config/general_options.ts";
import type { ValuesOf } from "../config/option.ts";
import { createLogger, type LogOptions } from "../observe/logger.ts";
import { watermarkText } from "../observe/number_text.ts";
import { ProgressLine } from "../observe/progress_line.ts";
import type { RunSummary } from "../observe/run_summary.ts";
import { summaryText } from "../observe/summary_text.ts";
import { Terminal } from "../observe/terminal.ts";
import { isBrokenPipe } from "./failure.ts";
import type { World } from "./world.ts";

/** How a run is watched over. */
export interface Supervision {
  readonly world: World;
  readonly log: LogOptions;
  /** Text to show above the summary, made when the run is over. */
  readonly preview?: () => string;
}

/**
 * Runs the pipeline with a live line, a log and a summary on stderr. Rejects
 * when the run fails.
 */
export async function superviseRun(
  config: RunConfig,
  { world, log: options, preview }: Supervision,
): Promise<void> {
  const terminal = createTerminal(world, config, options);
  const log = createLogger(terminal, options);
  const progress = new ProgressLine(terminal);
  const { runPipeline } = await import("../pipeline/run_pipeline.ts");
  const showSummary = (summary: RunSummary) => {
    if (!log.isLevelEnabled("info")) return;
    const hasFailed = summary.outcome === "failed";
    if (options.format === "json") {
      const watermark = watermarkText(summary.watermarkMs);
      const text = hasFailed ? "run has failed" : "run is over";
      log.info({ ...summary, watermark }, text);
    } else {
      const shown = hasFailed ? "" : (preview?.() ?? "");
      terminal.write(`${shown}${summaryText(summary)}`);
    }
  };
  let summary: RunSummary | null = null;
  try {
    await runPipeline(config, {
      signal: world.stopSignal,
      onProgress: (state) => progress.update(state),
      onEnd(state) {
        summary = state;
      },
      log,
    });
  } catch (error) {
    // A reader that has seen enough is no failure to tell of.
    if (isBrokenPipe(error)) summary = null;
    throw error;
  } finally {
    progress.clear();
    if (summary !== null) showSummary(summary);
  }
}

/** The log options among the general ones. */
export function logOptionsOf(
  values: ValuesOf<typeof GENERAL_OPTIONS>,
): LogOptions {
  return { level: values["log-level"], format: values["log-format"] };
}

function createTerminal(
  world: World,
  config: RunConfig,
  options: LogOptions,
): Terminal {
  const isShared = world.stdout.isTTY === true && writesToStdout(config);
  const isQuiet = options.format === "json" || options.level === "silent";
  return new Terminal(world.stderr, { noLiveLine: isShared || isQuiet });
}

function writesToStdout({ to, lateTo, deadLetterTo }: RunConfig): boolean {
  return [to, lateTo, deadLetterTo].some((sink) => sink?.kind === "stdout");
}
