import { assertAddressFree } from "../admin/admin_address.ts";
import { LastingAdmin } from "../admin/lasting_admin.ts";
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
  #server: LastingAdmin | null = null;
  #starting: Promise<void> = Promise.resolve();

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
    clearTimeout(this.#timer);
    await this.#server?.stop();
    await this.#starting;
    this.#failed.signal.throwIfAborted();
  }

  #begin(view: RunView): void {
    const { isGiven, ...config } = this.#config;
    const version = packageVersion();
    const options = { ...config, version, mayMove: !isGiven };
    this.#server = new LastingAdmin(view, options, this.#log);
    this.#starting = this.#watch(this.#server);
  }

  async #watch(server: LastingAdmin): Promise<void> {
    try {
      await server.started;
    } catch (error) {
      if (this.#config.isGiven) this.#failed.abort(error);
      else this.#log.warn(`${messageOf(error)}; the run goes on without it`);
    }
  }
}
