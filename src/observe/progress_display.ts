import { type RatedCounts, RunRates } from "./run_rates.ts";
import type { Terminal } from "./terminal.ts";

/** The least time between two drawings, ms: digits that run cannot be read. */
const DRAW_MS = 350;
/** The first line of a log comes after this, and the others so often, ms. */
const FIRST_LINE_MS = 1_000;
const LINE_MS = 10_000;
/** A block that nobody has renewed for so long says what is not so, ms. */
const STALE_MS = 2_000;

/** The part of a log that plain lines need. */
export interface ProgressLog {
  info(fields: object, message: string): void;
}

/** How a run stands is shown as a live block, as lines of a log, or not at all. */
export type ProgressForm = "block" | "lines" | "none";

/** How progress of one kind looks. */
export interface ProgressView<T> {
  /** Lines for a terminal, of at most `room` characters. */
  lines(progress: T, rates: RunRates, room: number): string[];
  /** One line for a log. */
  text(progress: T, rates: RunRates): string;
  /** What that line says, as fields. */
  fields(progress: T, rates: RunRates): object;
}

/** How work is to be shown. */
export interface DisplayOptions<T> {
  readonly form: ProgressForm;
  readonly view: ProgressView<T>;
  readonly terminal: Terminal;
  readonly log: ProgressLog;
}

/** Shows how work stands, on a terminal or in a log. */
export class ProgressDisplay<T extends RatedCounts> {
  readonly #options: DisplayOptions<T>;
  readonly #rates = new RunRates();
  #drawnAtMs = -Infinity;
  #nextLineMs = FIRST_LINE_MS;
  #staleness: NodeJS.Timeout | undefined;

  constructor(options: DisplayOptions<T>) {
    this.#options = options;
  }

  /** Shows how the work stands; may be called as often as wanted. */
  update(progress: T): void {
    this.#rates.take(progress);
    const { form } = this.#options;
    if (form === "block") this.#draw(progress);
    if (form === "lines") this.#logLine(progress);
  }

  /** Removes the block. */
  clear(): void {
    clearTimeout(this.#staleness);
    this.#options.terminal.setBlock([]);
  }

  #draw(progress: T): void {
    if (progress.elapsedMs - this.#drawnAtMs < DRAW_MS) return;
    this.#drawnAtMs = progress.elapsedMs;
    const { terminal, view } = this.#options;
    terminal.setBlock(view.lines(progress, this.#rates, terminal.room));
    clearTimeout(this.#staleness);
    this.#staleness = setTimeout(() => this.clear(), STALE_MS).unref();
  }

  #logLine(progress: T): void {
    const { elapsedMs } = progress;
    if (elapsedMs < this.#nextLineMs) return;
    this.#nextLineMs = (Math.floor(elapsedMs / LINE_MS) + 1) * LINE_MS;
    const { log, view } = this.#options;
    const rates = this.#rates;
    log.info(view.fields(progress, rates), view.text(progress, rates));
  }
}
