import { GENERATE_OPTIONS } from "../config/generate_options.ts";
import { generatorConfigOf } from "../config/generator_config.ts";
import { kafkaConfigOf } from "../config/kafka_config.ts";
import { GENERATE_EFFECTS, refuseIdleFlags } from "../config/option_effects.ts";
import {
  existingFileOf,
  filePlace,
  refuseShared,
} from "../config/output_check.ts";
import { readDataset } from "../generate/dataset.ts";
import { type GenerateSummary, runGenerate } from "../generate/generate.ts";
import { ONE_SHOT, type Schedule } from "../generate/schedule.ts";
import { GenerateProgress, ratedCounts } from "../observe/generate_progress.ts";
import { createLogger } from "../observe/logger.ts";
import { countText, elapsedText } from "../observe/number_text.ts";
import {
  ProgressDisplay,
  type ProgressLog,
} from "../observe/progress_display.ts";
import type { CommandCall } from "./command.ts";
import {
  type Display,
  openTerminal,
  progressLog,
  tellOfRefusal,
  tellOfStop,
} from "./open_terminal.ts";
import { tellOfWaits } from "./stop_notice.ts";
import { logOptionsOf } from "./supervise_run.ts";

/** The least time between two drawings of the live block, ms. */
const DRAW_MS = 200;

/** Does the work of `sessionmill generate`; resolves to the exit code. */
export async function generateVisits({
  values,
  origins,
  world,
}: CommandCall<typeof GENERATE_OPTIONS>): Promise<number> {
  const given = { task: "generate", options: GENERATE_OPTIONS };
  refuseIdleFlags(GENERATE_EFFECTS, { ...given, values, origins });
  const { dataset } = values;
  refuseShared("generate", [
    ["--config", filePlace(values.config)],
    ["--dataset", filePlace(dataset)],
    ["--to", values["visits-to"]],
  ]);
  const schedule =
    dataset === null
      ? ONE_SHOT
      : (await readDataset(dataset, world.stopSignal)).schedule;
  const options = logOptionsOf(values);
  const display = openTerminal(world, {
    mode: values.progress,
    log: options,
    usesStdout: values["visits-to"].kind === "stdout",
  });
  const log = createLogger(display.terminal, options);
  tellOfRefusal(display, log);
  tellOfWaits(world, log);
  const kafka = await kafkaConfigOf(values, "generate", world.stopSignal);
  const progress = showProgress(display, {
    log: progressLog(log, options),
    total: totalVisits(values.count, schedule),
  });
  const work = runGenerate({
    generator: generatorConfigOf(values),
    to: values["visits-to"],
    existingFile: existingFileOf(values, "generate"),
    kafka,
    signal: world.stopSignal,
    schedule,
    warn: (text) => log.warn(text),
    onProgress: (counts) => progress.made(counts),
  });
  const summary = await work.catch((error: unknown) => {
    progress.end();
    // The sink's error says what did not get out.
    const { records } = progress;
    if (records > 0) log.warn({ records }, "failed after records were made");
    throw error;
  });
  progress.end();
  tellOfStop(world, log);
  if (options.format === "json") log.info(summary, "generating is over");
  else if (log.isLevelEnabled("info")) {
    display.terminal.write(summaryText(summary));
  }
  return 0;
}

/** Visits of all runs; null when they have no end. */
function totalVisits(count: number | null, { runs }: Schedule): number | null {
  return count === null || runs === null ? null : Math.max(1, count * runs);
}

/** Shows how far the work is, also while nothing comes of it. */
function showProgress(
  display: Display,
  { log, total }: { readonly log: ProgressLog; readonly total: number | null },
) {
  const view = new GenerateProgress(display.style);
  const shown = new ProgressDisplay({ ...display, view, log });
  let made = { records: 0, visits: 0 };
  let ticking: NodeJS.Timeout | undefined;
  return {
    get records() {
      return made.records;
    },
    made({ records, visits }: typeof made) {
      made = { records, visits };
      ticking ??= begin();
    },
    end() {
      clearInterval(ticking);
      shown.clear();
    },
  };

  /** Connecting does not count. */
  function begin(): NodeJS.Timeout {
    const startMs = performance.now();
    return setInterval(() => {
      const { records: visitsIn, visits: done } = made;
      const extent = total === null ? null : { done, total };
      const elapsedMs = performance.now() - startMs;
      shown.update(ratedCounts({ visitsIn, extent, elapsedMs }));
    }, DRAW_MS);
  }
}

function summaryText(summary: GenerateSummary): string {
  const { records, duplicates, late, missing, unprocessable } = summary;
  const perSecond = (records / Math.max(summary.elapsedMs, 1)) * 1000;
  return (
    `${countText(records)} records in ${elapsedText(summary.elapsedMs)}, ${countText(perSecond)} records/s: ` +
    `${countText(duplicates)} duplicates, ${countText(late)} late, ` +
    `${countText(missing)} lacking a field, ${countText(unprocessable)} broken\n`
  );
}
