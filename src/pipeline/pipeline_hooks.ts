import type { Logger } from "../observe/logger.ts";
import type { Progress, RunSummary } from "../observe/run_summary.ts";

/** How the caller watches and ends a run. */
export interface PipelineHooks {
  /** Aborted: stop fetching, drain, flush; open windows stay open. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Called a few times a second. */
  onProgress?(progress: Progress): void;
  /**
   * Called once when all is closed, also when the run has failed; not when it
   * could not begin.
   */
  onEnd?(summary: RunSummary): void;
}
