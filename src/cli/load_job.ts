import { kafkaConfigOf } from "../config/kafka_config.ts";
import { LOAD_EFFECTS } from "../config/load_effects.ts";
import { LOAD_OPTIONS } from "../config/load_options.ts";
import { refuseIdleFlags } from "../config/option_effects.ts";
import { filePlace, refuseShared } from "../config/output_check.ts";
import { WorldError } from "../errors.ts";
import { checkPlotPath, writePlot } from "../latency/write_plot.ts";
import type { LoadPlan, LoadProgress } from "../load/load_plan.ts";
import { loadJson, loadPanels, loadText } from "../load/load_texts.ts";
import { runLoad } from "../load/run_load.ts";
import { othersText, stopText } from "../load/stop_text.ts";
import { createLogger } from "../observe/logger.ts";
import { machineText } from "../observe/machine.ts";
import { countText, latencyText } from "../observe/number_text.ts";
import type { CommandCall } from "./command.ts";
import { openTerminal, tellOfStop } from "./open_terminal.ts";
import { logOptionsOf } from "./supervise_run.ts";

type LoadCall = CommandCall<typeof LOAD_OPTIONS>;

/** Does the work of `sessionmill load`; resolves to the exit code. */
export async function loadJob(call: LoadCall): Promise<number> {
  const { values, origins, world } = call;
  const given = { task: "load", options: LOAD_OPTIONS };
  refuseIdleFlags(LOAD_EFFECTS, { ...given, values, origins });
  const { plot, json, overwrite } = values;
  if (plot !== null) checkPlotPath(plot, { mayReplace: overwrite });
  refuseShared("load", [
    ["--plot", filePlace(plot)],
    ["the output", { kind: "stdout" }],
  ]);
  const logOptions = logOptionsOf(values);
  const wish = { mode: "auto", log: logOptions, usesStdout: false } as const;
  const { terminal } = openTerminal(world, wish);
  const log = createLogger(terminal, logOptions);
  try {
    const report = await runLoad(await planOf(call), {
      signal: world.stopSignal,
      warn: (text) => log.warn(text),
      onProgress: (progress) => terminal.setBlock([progressText(progress)]),
    });
    terminal.setBlock([]);
    tellOfStop(world, log);
    const table = loadText(report);
    const text = json
      ? `${JSON.stringify(loadJson(report), null, 2)}\n`
      : table;
    world.stdout.write(text);
    if (plot !== null && report.rates.length > 0) {
      await writePlot(plot, loadPanels(report), {
        notes: [machineText(report.machine), stopText(report) ?? []].flat(),
        table,
        mayReplace: overwrite,
      });
      log.info(`plot: ${plot}`);
    }
    const others = othersText(report);
    if (others !== null) throw new WorldError(others);
  } finally {
    terminal.setBlock([]);
  }
  return 0;
}

async function planOf({ values, world }: LoadCall): Promise<LoadPlan> {
  const url = values["load-admin"];
  const kafka = { ...values, "create-topics": false };
  return {
    kafka: await kafkaConfigOf(kafka, "load", world.stopSignal),
    visitsTopic: values["load-to"].topic,
    sessionsTopic: values.sessions.topic,
    rates: values.rates,
    durationMs: values.duration,
    warmUpMs: values["warm-up"],
    drainMs: values.drain,
    seed: values.seed,
    active: values["load-active"],
    startTimeMs: values["load-start-time"],
    isAmongOthers: values["among-others"],
    rules: {
      gapMs: values.gap,
      outOfOrdernessMs: values["out-of-orderness"],
    },
    admin: url === null ? null : { url, token: values["admin-token"] },
    pids: values.pids,
    histograms: values["load-histograms"],
    mayReplace: values.overwrite,
  };
}

function progressText(progress: LoadProgress): string {
  const { rate, elapsedMs, totalMs, sendLatenessP99Ms, sessions } = progress;
  const seconds = (ms: number) => Math.floor(ms / 1000);
  if (elapsedMs > totalMs) {
    return `${countText(rate)}/s is sent, ${countText(sessions)} sessions, waiting for the last ones`;
  }
  return (
    `${countText(rate)}/s: ${seconds(elapsedMs)} of ${seconds(totalMs)} s, ` +
    `${countText(sessions)} sessions, 99 % sent within ${latencyText(sendLatenessP99Ms)}`
  );
}
