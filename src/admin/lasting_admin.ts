import { formatAddress } from "../config/address.ts";
import type { Logger } from "../observe/logger.ts";
import type { RunView } from "../observe/run_view.ts";
import type { AdminOptions } from "./admin_options.ts";
import { AdminThread } from "./admin_thread.ts";

/** Before it begins anew, ms; twice as long each time, up to a minute. */
const FIRST_PAUSE_MS = 1_000;
const PAUSE_MAX_MS = 60_000;
/** What has lived so long, ms, was well. */
const WELL_AFTER_MS = 60_000;

/**
 * The admin server of a run: a thread that ends is followed by another one on the
 * same port, which has latencies and the last ten minutes from then on.
 */
export class LastingAdmin {
  /** Rejects with a `WorldError` when it cannot listen at its first start. */
  readonly started: Promise<void>;
  readonly #view: RunView;
  readonly #log: Pick<Logger, "info" | "warn">;
  #options: AdminOptions;
  #thread: AdminThread;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(
    view: RunView,
    options: AdminOptions,
    log: Pick<Logger, "info" | "warn">,
  ) {
    this.#view = view;
    this.#options = options;
    this.#log = log;
    this.#thread = this.#begin();
    this.started = this.#listens(this.#thread);
    this.started.then(
      () => this.#follow(this.#thread),
      // Whoever awaits it hears of it.
      () => {},
    );
  }

  /** Ends it, within a second or so. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await this.#thread.stop();
  }

  #begin(): AdminThread {
    return new AdminThread(this.#view, this.#options, (text) =>
      this.#log.warn(text),
    );
  }

  async #listens(thread: AdminThread): Promise<void> {
    const port = await thread.port;
    // The summary of a run that has ended meanwhile is the last word.
    if (port === null || this.#isStopping) return;
    this.#options = { ...this.#options, port, mayMove: false };
    const { host } = this.#options;
    this.#log.info(`admin server at http://${formatAddress({ host, port })}`);
  }

  async #follow(thread: AdminThread): Promise<void> {
    const startMs = performance.now();
    const why = await thread.gone;
    if (this.#isStopping) return;
    const wasWell = performance.now() - startMs > WELL_AFTER_MS;
    const pauseMs = wasWell ? FIRST_PAUSE_MS : this.#pauseMs;
    this.#pauseMs = Math.min(2 * pauseMs, PAUSE_MAX_MS);
    this.#log.warn(
      `the admin server is gone, the run goes on without it and starts it anew in ${pauseMs / 1000} s: ${why}`,
    );
    this.#timer = setTimeout(() => this.#again(), pauseMs);
  }

  #again(): void {
    const thread = this.#begin();
    this.#thread = thread;
    // Why it cannot listen is told with its end.
    this.#listens(thread).catch(() => {});
    void this.#follow(thread);
  }
}
