import { REPLAY_EFFECTS, refuseIdleFlags } from "../config/option_effects.ts";
import { filePlace, refuseShared } from "../config/output_check.ts";
import { fileOf } from "../config/place_types.ts";
import { REPLAY_OPTIONS } from "../config/replay_options.ts";
import { windowConfigOf } from "../config/run_config.ts";
import { createLogger } from "../observe/logger.ts";
import type { CommandCall } from "./command.ts";
import { openTerminal } from "./open_terminal.ts";
import { judgeReplay } from "./replay_findings.ts";
import { tellOfWaits } from "./stop_notice.ts";
import { logOptionsOf } from "./supervise_run.ts";

/** Does the work of `sessionmill replay`; resolves to the exit code. */
export async function replayVisits({
  values,
  origins,
  argument,
  world,
}: CommandCall<typeof REPLAY_OPTIONS>): Promise<number> {
  const given = { task: "replay", options: REPLAY_OPTIONS };
  refuseIdleFlags(REPLAY_EFFECTS, { ...given, values, origins });
  const input = fileOf(argument);
  refuseShared("replay", [
    ["the input", input === null ? { kind: "stdin" } : filePlace(input)],
    ["the output", { kind: "stdout" }],
  ]);
  const logOptions = logOptionsOf(values);
  const wish = { mode: "off", usesStdout: true, log: logOptions } as const;
  const log = createLogger(openTerminal(world, wish).terminal, logOptions);
  tellOfWaits(world, log);
  const { runReplay } = await import("../replay/replay.ts");
  const summary = await runReplay({
    input: input ?? "-",
    workers: values.workers,
    window: windowConfigOf(values),
    generationTime: values["generation-time"],
    withMetadata: values["with-metadata"],
    maxRecordBytes: values["max-record-bytes"],
    output: world.stdout,
    signal: world.stopSignal,
    warn: (fields, text) => log.warn(fields, text),
  });
  judgeReplay(summary, {
    from: input === null ? { kind: "stdin" } : { kind: "file", path: input },
    allowEmpty: values["allow-empty"],
    log,
  });
  return 0;
}
