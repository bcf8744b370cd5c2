import { runConfigOf } from "../config/run_config.ts";
import type { RUN_OPTIONS } from "../config/run_options.ts";
import type { CommandCall } from "./command.ts";
import { logOptionsOf, superviseRun } from "./supervise_run.ts";

/** Runs the job of `sessionmill run`; resolves to the exit code. */
export async function runSessions({
  values,
  world,
}: CommandCall<typeof RUN_OPTIONS>): Promise<number> {
  const config = await runConfigOf(values);
  await superviseRun(config, { world, log: logOptionsOf(values) });
  return 0;
}
