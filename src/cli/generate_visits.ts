import { GENERATE_OPTIONS } from "../config/generate_options.ts";
import { generatorConfigOf } from "../config/generator_config.ts";
import { kafkaConfigOf } from "../config/kafka_config.ts";
import { GENERATE_EFFECTS, refuseIdleFlags } from "../config/option_effects.ts";
import { existingFileOf } from "../config/output_check.ts";
import { readDataset } from "../generate/dataset.ts";
import { type GenerateSummary, runGenerate } from "../generate/generate.ts";
import { ONE_SHOT } from "../generate/schedule.ts";
import { createLogger } from "../observe/logger.ts";
import { countText, elapsedText } from "../observe/number_text.ts";
import { Terminal } from "../observe/terminal.ts";
import type { CommandCall } from "./command.ts";
import { logOptionsOf } from "./supervise_run.ts";

/** The least time between two drawings of the live line, ms. */
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
  const schedule =
    dataset === null ? ONE_SHOT : (await readDataset(dataset)).schedule;
  const format = values["log-format"];
  const level = values["log-level"];
  const isQuiet = !["debug", "info"].includes(level);
  const isShared =
    values["visits-to"].kind === "stdout" && world.stdout.isTTY === true;
  const noLiveLine = isQuiet || isShared || format === "json";
  const terminal = new Terminal(world.stderr, { noLiveLine });
  const log = createLogger(terminal, logOptionsOf(values));
  let drawnAtMs = 0;
  let made = 0;
  const work = runGenerate({
    generator: generatorConfigOf(values),
    to: values["visits-to"],
    existingFile: existingFileOf(values, "generate"),
    kafka: await kafkaConfigOf(values, "generate"),
    signal: world.stopSignal,
    schedule,
    warn: (text) => log.warn(text),
    onProgress: ({ records }) => {
      made = records;
      const nowMs = performance.now();
      if (nowMs - drawnAtMs < DRAW_MS) return;
      drawnAtMs = nowMs;
      terminal.setLiveLine(`${countText(records)} records`);
    },
  });
  const summary = await work.catch((error: unknown) => {
    terminal.setLiveLine("");
    // The sink's error says what did not get out.
    if (made > 0) log.warn({ records: made }, "failed after records were made");
    throw error;
  });
  terminal.setLiveLine("");
  if (format === "json") {
    createLogger(terminal, { level, format }).info(
      summary,
      "generating is over",
    );
  } else if (!isQuiet) terminal.write(summaryText(summary));
  return 0;
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
