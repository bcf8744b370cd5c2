import type { Lines } from "./line_splitter.ts";

/** The part of a log that is needed here. */
interface CutLog {
  debug(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
}

/** How lines that are too large are told. */
export interface CutLinesOptions {
  readonly topic: string;
  /** Where to say what happens; nowhere without it. */
  readonly log: CutLog | undefined;
  /** Whether the length of each will be taken, once. */
  readonly keepsLengths: boolean;
}

/** Lines that are too large, of which only the start is kept. */
export class CutLines {
  readonly #options: CutLinesOptions;
  /** Of those that nobody has taken yet, by offset. */
  readonly #lengths = new Map<number, number>();
  #count = 0;

  constructor(options: CutLinesOptions) {
    this.#options = options;
  }

  /** Says of the first, and of the others to those who want all, what was left out. */
  tell(offset: number, { bytes, lostBytes }: Lines): void {
    const { topic, log, keepsLengths } = this.#options;
    const length = bytes.length + lostBytes;
    if (keepsLengths) this.#lengths.set(offset, length);
    const fields = { topic, offset, keptBytes: bytes.length };
    const message = `a line of ${length} bytes is too large, its start is kept`;
    if (this.#count++ === 0) log?.warn(fields, message);
    else log?.debug(fields, message);
  }

  /** The length of the line with this offset, in bytes, and forgets it; null for others. */
  takeLength(offset: number): number | null {
    const length = this.#lengths.get(offset) ?? null;
    this.#lengths.delete(offset);
    return length;
  }

  /** Says at the end of how many more lines that is true. */
  tellMore(): void {
    const { topic, log } = this.#options;
    const more = this.#count - 1;
    this.#count = 0;
    if (more < 1) return;
    const what =
      more === 1
        ? "line is too large, its start is kept"
        : "lines are too large, their starts are kept";
    log?.warn({ topic }, `${more.toLocaleString("en")} more ${what}`);
  }
}
