import { stripVTControlCharacters } from "node:util";

/** Where text for people goes: stderr, or a stand-in. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** Size of a terminal that does not tell it. */
const USUAL_COLUMNS = 80;
const USUAL_ROWS = 24;

const ERASE_TO_END_OF_LINE = "\u001b[K";
const ERASE_BELOW = "\u001b[J";

/**
 * Stderr as a list of lines with a live block of lines below them. The cursor
 * rests at the start of the block's last line: it need not be hidden, and keys that
 * the terminal echoes are overwritten. Where it is no terminal, there is no block.
 */
export class Terminal {
  readonly #stream: TextStream;
  readonly #isLive: boolean;
  /** As they were drawn last, cut to the width of that time. */
  #block: readonly string[] = [];
  #drawnColumns = 0;

  constructor(stream: TextStream, options?: { noLiveBlock?: boolean }) {
    this.#stream = stream;
    this.#isLive = stream.isTTY === true && options?.noLiveBlock !== true;
  }

  /** True when `setBlock` shows something. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Characters that a line of the block has room for. */
  get room(): number {
    // A line that wraps could not be rewritten in place.
    return this.#columns - 1;
  }

  /** Lines that a block has room for. */
  get rowsMax(): number {
    return Math.max(1, (this.#stream.rows || USUAL_ROWS) - 1);
  }

  /** Writes whole lines above the block; `text` ends in a newline. */
  write(text: string): void {
    if (this.#block.length === 0) {
      this.#stream.write(text);
      return;
    }
    const top = this.#toTop();
    this.#stream.write(`${top}${ERASE_BELOW}${text}${this.#draw(this.#block)}`);
  }

  /** Puts these lines in place of the block; none removes it. */
  setBlock(lines: readonly string[]): void {
    if (!this.#isLive) return;
    if (lines.length === 0 && this.#block.length === 0) return;
    const top = this.#toTop();
    const before = this.#block;
    const isResized = this.#columns !== this.#drawnColumns;
    const drawn = this.#draw(lines);
    // What stands there is written over, and never blank, where that leaves nothing
    // behind: rows that came of wrapping stay bound to each other, and the rest of
    // a longer line counts as part of the row, until they are erased.
    const isShorter = before.some(
      (line, row) => widthOf(line) > widthOf(this.#block[row] ?? ""),
    );
    const clear = isResized || isShorter ? ERASE_BELOW : "";
    this.#stream.write(`${top}${clear}${drawn}`);
  }

  get #columns(): number {
    return this.#stream.columns || USUAL_COLUMNS;
  }

  /** Moves the cursor to the start of the block's first line. */
  #toTop(): string {
    let up = 0;
    // A terminal that has become narrower has wrapped what was drawn before.
    for (const line of this.#block.slice(0, -1)) {
      up += Math.max(1, Math.ceil(widthOf(line) / this.#columns));
    }
    return up === 0 ? "\r" : `\r\u001b[${up}A`;
  }

  #draw(lines: readonly string[]): string {
    const { room } = this;
    this.#drawnColumns = this.#columns;
    this.#block = lines.slice(0, this.rowsMax).map((line) => cut(line, room));
    const text = this.#block.join(`${ERASE_TO_END_OF_LINE}\n`);
    return `${text}${ERASE_BELOW}\r`;
  }
}

function widthOf(line: string): number {
  return stripVTControlCharacters(line).length;
}

/** Colours go with what is cut. */
function cut(line: string, room: number): string {
  if (widthOf(line) <= room) return line;
  return stripVTControlCharacters(line).slice(0, room);
}
