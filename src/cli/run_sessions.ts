import { adminConfigOf } from "../config/admin_options.ts";
import { refuseVainDenial } from "../config/determinism.ts";
import { RUN_EFFECTS, refuseIdleFlags } from "../config/option_effects.ts";
import { runConfigOf } from "../config/run_config.ts";
import { RUN_OPTIONS } from "../config/run_options.ts";
import type { CommandCall } from "./command.ts";
import { logOptionsOf, superviseRun } from "./supervise_run.ts";

/** Runs the job of `sessionmill run`; resolves to the exit code. */
export async function runSessions({
  values,
  origins,
  world,
}: CommandCall<typeof RUN_OPTIONS>): Promise<number> {
  const given = { task: "run", options: RUN_OPTIONS, values, origins };
  refuseIdleFlags(RUN_EFFECTS, given);
  refuseVainDenial(values, origins);
  const config = await runConfigOf(values, world.stopSignal);
  await superviseRun(config, {
    world,
    log: logOptionsOf(values),
    progress: values.progress,
    allowEmpty: values["allow-empty"],
    admin: adminConfigOf(values),
  });
  return 0;
}
