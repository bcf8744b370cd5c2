import type { AdminConfig } from "../config/admin_options.ts";
import type { RunConfig, SinkSpec } from "../config/config.ts";
import type { GENERAL_OPTIONS } from "../config/general_options.ts";
import type { ValuesOf } from "../config/option.ts";
import { formatPlace } from "../config/place_types.ts";
import { formatDuration } from "../config/quantity_types.ts";
import { ReaderGoneError } from "../errors.ts";
import {
  createLogger,
  type Logger,
  type LogOptions,
} from "../observe/logger.ts";
import { watermarkText } from "../observe/number_text.ts";
import { ProgressDisplay } from "../observe/progress_display.ts";
import { RunProgress } from "../observe/run_progress.ts";
import type { RunSummary } from "../observe/run_summary.ts";
import { summaryText } from "../observe/summary_text.ts";
import type { Terminal } from "../observe/terminal.ts";
import type { AssignmentChange } from "../pipeline/assignment.ts";
import { refuseNoVisit, warnOfNothing } from "./input_verdict.ts";
import {
  openTerminal,
  type ProgressMode,
  progressLog,
  tellOfRefusal,
  tellOfStop,
} from "./open_terminal.ts";
import { RunAdmin } from "./run_admin.ts";
import { tellOfWaits } from "./stop_notice.ts";
import type { World } from "./world.ts";

/** How a run is watched over. */
export interface Supervision {
  readonly world: World;
  readonly log: LogOptions;
  readonly progress: ProgressMode;
  /** An input without a visit is no failure, and no reason for a warning. */
  readonly allowEmpty?: boolean;
  /** Text to show above the summary, made when the run is over. */
  readonly preview?: () => string;
  /** Where the run is served while it lasts; null or left out: nowhere. */
  readonly admin?: AdminConfig | null;
}

/**
 * Runs the pipeline with a live line, a log and a summary on stderr. Rejects
 * when the run fails, or when nothing of what it read is a visit.
 */
export async function superviseRun(
  config: RunConfig,
  {
    world,
    log: options,
    progress: mode,
    preview,
    allowEmpty,
    admin,
  }: Supervision,
): Promise<void> {
  const usesStdout = writesToStdout(config);
  const display = openTerminal(world, { mode, log: options, usesStdout });
  const { terminal } = display;
  const log = createLogger(terminal, options);
  const isTopic = config.from.kind === "kafka";
  const input = { isTopic, isLive: isTopic && !config.deterministic };
  const { style } = display;
  const { stopSignal, waitsFor } = world;
  const progress = new ProgressDisplay({
    ...display,
    view: new RunProgress({ input, style, nowMs: Date.now, waitsFor }),
    log: progressLog(log, options),
  });
  tellOfRefusal(display, log);
  tellOfWaits(world, log);
  const { runPipeline } = await import("../pipeline/run_pipeline.ts");
  const verdict = {
    ...{ allowEmpty: allowEmpty ?? false, from: config.from, log },
    hasToldLooks: log.isLevelEnabled("warn"),
  };
  let summary: RunSummary | null = null;
  const server = admin ? new RunAdmin(admin, log) : null;
  await server?.check();
  try {
    await runPipeline(config, {
      signal:
        server === null
          ? stopSignal
          : AbortSignal.any([stopSignal, server.failed]),
      onView: (view) => server?.start(view),
      onBegin() {
        // The demo has said it in its own words.
        if (preview === undefined) log.info(startFields(config), "run begins");
        tellOfNoName(config, log);
      },
      onAssigned: (change) => logAssignment(change, { config, log }),
      onProgress: (state) => progress.update(state),
      onEnd(state) {
        summary = state;
        warnOfNothing(state, verdict);
      },
      log,
    });
  } catch (error) {
    // A reader that has seen enough is no failure to tell of.
    if (error instanceof ReaderGoneError) summary = null;
    throw error;
  } finally {
    progress.clear();
    if (summary !== null && log.isLevelEnabled("info")) {
      tellOfStop(world, log);
      showSummary(summary, { terminal, log, options, preview });
    }
    await server?.stop();
  }
  if (summary !== null) refuseNoVisit(summary, verdict);
}

/** What is read and written, and by which rules. */
function startFields(config: RunConfig): Record<string, unknown> {
  const { from, to, lateTo, deadLetterTo, kafka, window } = config;
  const side = (name: string, sink: SinkSpec | null) =>
    sink === null ? {} : { [name]: formatPlace(sink) };
  return {
    from: formatPlace(from),
    to: formatPlace(to),
    ...side("lateTo", lateTo),
    ...side("deadLetterTo", deadLetterTo),
    ...(from.kind === "kafka" && !config.bounded ? { group: kafka.group } : {}),
    ...(from.kind === "kafka" ? durabilityFields(config) : {}),
    bounded: config.bounded,
    deterministic: config.deterministic,
    workers: config.workers,
    gap: formatDuration(window.gapMs),
    outOfOrderness: formatDuration(window.outOfOrdernessMs),
    allowedLateness: formatDuration(window.allowedLatenessMs),
    ...(config.deterministic
      ? {}
      : { idleTimeout: formatDuration(config.idleTimeoutMs) }),
  };
}

/** What is promised, and what it takes. */
function durabilityFields({
  durability,
  kafkaSource,
}: RunConfig): Record<string, unknown> {
  if (durability === null) return { guarantee: "none" };
  const { guarantee, commitIntervalMs, windowLog } = durability;
  const { instance } = kafkaSource;
  return {
    guarantee,
    ...(instance === null ? {} : { instance }),
    commitInterval: formatDuration(commitIntervalMs),
    windowLog,
  };
}

/** Says what a process without a name costs the others when it is killed. */
function tellOfNoName(
  { durability, kafkaSource }: RunConfig,
  log: Logger,
): void {
  const { instance, sessionTimeoutMs } = kafkaSource;
  if (durability === null || instance !== null) return;
  log.info(
    "this process has no --instance: should it be killed, its partitions are " +
      `read on when its --session-timeout of ${formatDuration(sessionTimeoutMs)} is over`,
  );
}

/** Only of topics, and where it is another one, somebody wants to hear of it. */
function logAssignment(
  { topic, partitions, gained, revoked }: AssignmentChange,
  { config, log }: { config: RunConfig; log: Logger },
): void {
  const isNews = gained.length + revoked.length > 0;
  const level = config.from.kind === "kafka" && isNews ? "info" : "debug";
  const fields = { topic, partitions, gained, revoked };
  log[level](fields, "partitions are assigned");
}

function showSummary(
  summary: RunSummary,
  view: {
    terminal: Terminal;
    log: Logger;
    options: LogOptions;
    preview: (() => string) | undefined;
  },
): void {
  const hasFailed = summary.outcome === "failed";
  if (view.options.format === "json") {
    const watermark = watermarkText(summary.watermarkMs);
    const text = hasFailed ? "run has failed" : "run is over";
    view.log.info({ ...summary, watermark }, text);
    return;
  }
  const shown = hasFailed ? "" : (view.preview?.() ?? "");
  view.terminal.write(`${shown}${summaryText(summary)}`);
}

/** The log options among the general ones. */
export function logOptionsOf(
  values: ValuesOf<typeof GENERAL_OPTIONS>,
): LogOptions {
  return { level: values["log-level"], format: values["log-format"] };
}

function writesToStdout({ to, lateTo, deadLetterTo }: RunConfig): boolean {
  return [to, lateTo, deadLetterTo].some((sink) => sink?.kind === "stdout");
}
