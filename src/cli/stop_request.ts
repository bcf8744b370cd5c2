/**
 * npm hands a Ctrl-C on to a process that the terminal has signalled already:
 * signals closer together than this, ms, are one.
 */
const SAME_SIGNAL_MS = 150;

/** Exit codes of a process that a signal ended. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** The signals that stop a job. */
export type StopSignalName = keyof typeof EXIT_CODES;

/** Turns signals into a wish to stop, and a second one into an end. */
export class StopRequest {
  readonly #controller = new AbortController();
  readonly #exit: (code: number) => void;
  readonly #nowMs: () => number;
  #signalledAtMs: number | null = null;
  #by: StopSignalName | null = null;

  /** `exit` ends the process at once. */
  constructor(
    exit: (code: number) => void,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#exit = exit;
    this.#nowMs = nowMs;
  }

  /** Aborted when the job should stop. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The signal that stopped the job; null: none, or another reason came before. */
  get by(): StopSignalName | null {
    return this.#by;
  }

  /** Takes a signal of the operating system. */
  take(name: StopSignalName): void {
    const nowMs = this.#nowMs();
    if (this.#signalledAtMs === null) {
      this.#signalledAtMs = nowMs;
      if (!this.signal.aborted) this.#by = name;
      this.#controller.abort();
    } else if (nowMs - this.#signalledAtMs > SAME_SIGNAL_MS) {
      this.#exit(EXIT_CODES[name]);
    }
  }

  /** Asks the job to stop for another reason. */
  stop(): void {
    this.#controller.abort();
  }
}
