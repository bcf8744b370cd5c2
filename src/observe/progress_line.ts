import { countText, watermarkText } from "./number_text.ts";
import type { Progress } from "./run_summary.ts";
import type { Terminal } from "./terminal.ts";

/** The least time between two samples of the rate, ms. */
const SAMPLE_MS = 500;
/** The least time between two drawings, ms. */
const DRAW_MS = 100;

/** The live line of a run: one line on a terminal, rewritten in place. */
export class ProgressLine {
  readonly #terminal: Terminal;
  #sample = { visitsIn: 0, elapsedMs: 0 };
  #visitsPerSecond = 0;
  #drawnAtMs = -Infinity;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Shows how the run stands; may be called as often as wanted. */
  update(progress: Progress): void {
    if (!this.#terminal.isLive) return;
    if (progress.elapsedMs - this.#drawnAtMs < DRAW_MS) return;
    this.#drawnAtMs = progress.elapsedMs;
    this.#measure(progress);
    this.#terminal.setLiveLine(progressText(progress, this.#visitsPerSecond));
  }

  /** Removes the line. */
  clear(): void {
    this.#terminal.setLiveLine("");
  }

  #measure({ visitsIn, elapsedMs }: Progress): void {
    const sinceMs = elapsedMs - this.#sample.elapsedMs;
    const isFirst = this.#visitsPerSecond === 0 && sinceMs > 0;
    if (sinceMs < SAMPLE_MS && !isFirst) return;
    const visits = visitsIn - this.#sample.visitsIn;
    this.#visitsPerSecond = (visits / sinceMs) * 1000;
    if (sinceMs >= SAMPLE_MS) this.#sample = { visitsIn, elapsedMs };
  }
}

/** The text of the live line, short enough for 80 columns. */
export function progressText(
  progress: Progress,
  visitsPerSecond: number,
): string {
  return [
    `${countText(visitsPerSecond)} visits/s`,
    `${countText(progress.openSessions)} open`,
    `watermark ${shortWatermark(progress.watermarkMs)}`,
    `${countText(progress.late)} late`,
    `${countText(progress.rejected)} rejected`,
  ].join("  ");
}

/** Without the year, which does not change while one looks. */
function shortWatermark(watermarkMs: number): string {
  return watermarkText(watermarkMs).replace(/^\d{4}-/, "");
}
