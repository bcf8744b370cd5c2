import { assertAddressFree } from "../admin/admin_address.ts";
import { AdminThread } from "../admin/admin_thread.ts";
import type { AdminConfig } from "../config/admin_options.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import { packageVersion } from "../observe/package_version.ts";
import type { RunView } from "../observe/run_view.ts";

/**
 * A run that comes back goes on with its work first, ms: loading the server takes
 * half a second of a core, and that of two cores made a restart a fifth slower.
 */
const START_DELAY_MS = 2_000;

/** The admin server of a run, and what is said of it. */
export class RunAdmin {
  readonly #config: AdminConfig;
  readonly #log: Logger;
  readonly #failed = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #thread: AdminThread | null = null;
  #starting: Promise<void> = Promise.resolve();
  #isStopping = false;

  constructor(config: AdminConfig, log: Logger) {
    this.#config = config;
    this.#log = log;
  }

  /** Aborted, with the error, when it cannot be where it was asked to be. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Throws a `WorldError` when it cannot be where it was asked to be. */
  async check(): Promise<void> {
    if (this.#config.isGiven) await assertAddressFree(this.#config);
  }

  /** Has the server start beside the run, 2 s later. */
  start(view: RunView): void {
    this.#timer = setTimeout(() => this.#begin(view), START_DELAY_MS);
  }

  /** Ends the server. Throws the `WorldError` that has kept it from listening. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await this.#thread?.stop();
    await this.#starting;
    this.#failed.signal.throwIfAborted();
  }

  #begin(view: RunView): void {
    const { isGiven, ...config } = this.#config;
    const version = packageVersion();
    const options = { ...config, version, mayMove: !isGiven };
    this.#thread = new AdminThread(view, options, (text) =>
      this.#log.warn(text),
    );
    this.#starting = this.#tell(this.#thread);
  }

  async #tell(thread: AdminThread): Promise<void> {
    try {
      const url = await thread.url;
      // The summary of a run that has ended meanwhile is the last word.
      if (url === null || this.#isStopping) return;
      this.#log.info(`admin server at ${url}`);
    } catch (error) {
      if (this.#config.isGiven) this.#failed.abort(error);
      else this.#log.warn(`${messageOf(error)}; the run goes on without it`);
    }
  }
}
