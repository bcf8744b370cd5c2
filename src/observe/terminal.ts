/** Where text for people goes: stderr, or a stand-in. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Width of a terminal that does not tell it. */
const USUAL_COLUMNS = 80;

const CLEAR_LINE = "\r\u001b[2K";

/**
 * Stderr as a list of lines with one live line below them. Where it is no
 * terminal, there is no live line.
 */
export class Terminal {
  readonly #stream: TextStream;
  readonly #isLive: boolean;
  #liveLine = "";

  constructor(stream: TextStream, options?: { noLiveLine?: boolean }) {
    this.#stream = stream;
    this.#isLive = stream.isTTY === true && options?.noLiveLine !== true;
  }

  /** True when `setLiveLine` shows something. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Characters that a live line has room for. */
  get room(): number {
    // A line that wraps could not be rewritten in place.
    return (this.#stream.columns || USUAL_COLUMNS) - 1;
  }

  /** Writes whole lines above the live line; `text` ends in a newline. */
  write(text: string): void {
    if (this.#liveLine === "") {
      this.#stream.write(text);
    } else {
      this.#stream.write(`${CLEAR_LINE}${text}${this.#liveLine}`);
    }
  }

  /** Puts `text` in place of the live line; "" removes it. */
  setLiveLine(text: string): void {
    if (!this.#isLive || text === this.#liveLine) return;
    this.#liveLine = text.slice(0, this.room);
    this.#stream.write(`${CLEAR_LINE}${this.#liveLine}`);
  }
}
