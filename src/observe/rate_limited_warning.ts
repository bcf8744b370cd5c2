import { countText } from "./number_text.ts";

/** The part of a log that warnings need. */
export interface WarningLog {
  warn(fields: Record<string, unknown>, message: string): void;
}

/**
 * Warns of what may happen a million times: the first one at once, then at
 * most one in `intervalMs`, saying how many it stands for.
 */
export class RateLimitedWarning {
  readonly #log: WarningLog;
  readonly #intervalMs: number;
  readonly #nowMs: () => number;
  #quietUntilMs = -Infinity;
  #held = 0;
  #lastHeld: { message: string; fields: Record<string, unknown> } | null = null;

  constructor(
    log: WarningLog,
    options?: { intervalMs?: number; nowMs?: () => number },
  ) {
    this.#log = log;
    this.#intervalMs = options?.intervalMs ?? 10_000;
    this.#nowMs = options?.nowMs ?? (() => performance.now());
  }

  /** Whether a warning now would be written, for callers that prepare one. */
  get isDue(): boolean {
    return this.#nowMs() >= this.#quietUntilMs;
  }

  /** Writes the warning or holds it back. */
  warn(message: string, fields: Record<string, unknown> = {}): void {
    if (this.isDue) {
      this.#write(message, fields);
    } else {
      this.#held++;
      this.#lastHeld = { message, fields };
    }
  }

  /** Counts warnings that nobody needs the text of. */
  hold(count: number): void {
    this.#held += count;
  }

  /** Writes the last warning held back, if any: for the end of a run. */
  flush(): void {
    if (this.#lastHeld === null) return;
    this.#held--;
    this.#write(this.#lastHeld.message, this.#lastHeld.fields);
  }

  #write(message: string, fields: Record<string, unknown>): void {
    const more =
      this.#held === 0 ? "" : `, and ${countText(this.#held)} more before it`;
    this.#log.warn(fields, `${message}${more}`);
    this.#held = 0;
    this.#lastHeld = null;
    this.#quietUntilMs = this.#nowMs() + this.#intervalMs;
  }
}
