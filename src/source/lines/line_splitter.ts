const LF = 0x0a;
const CR = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** So much more than a record may have is kept of a line, bytes. */
const KEPT_BYTES_MORE = 1 << 20;
/** CR and LF. */
const LINE_END_BYTES = 2;
const FIRST_CAPACITY = 64 << 10;

/** Whole lines one behind the other, or the kept part of one that was cut. */
export interface Lines {
  /** Valid until the next ones are asked for. */
  readonly bytes: Buffer;
  /** Bytes of the line, without its end, that are not kept; 0 unless it was cut. */
  readonly lostBytes: number;
}

/**
 * Cuts chunks behind their line feeds, in bounded memory: of a line that is more
 * than 1 MiB above the limit on records, only the start is kept. Only lines
 * across a cut are copied.
 */
export class LineSplitter {
  readonly #keptMax: number;
  /** The start of a line whose end has not come yet. */
  #held = Buffer.alloc(0);
  #heldLength = 0;
  #lostBytes = 0;
  /** The last two bytes of it, kept or not, the later one in the low byte. */
  #tail = 0;

  constructor(maxRecordBytes: number) {
    this.#keptMax = maxRecordBytes + KEPT_BYTES_MORE;
  }

  /** The lines that end in the chunk, which must be at most 1 MiB long. */
  *split(chunk: Buffer): Iterable<Lines> {
    const lastEnd = chunk.lastIndexOf(LF) + 1;
    let start = 0;
    if (lastEnd > 0 && this.#heldLength > 0) {
      start = chunk.indexOf(LF) + 1;
      this.#hold(chunk.subarray(0, start));
      yield this.#take();
    }
    if (start < lastEnd) {
      yield { bytes: chunk.subarray(start, lastEnd), lostBytes: 0 };
    }
    this.#hold(chunk.subarray(lastEnd));
  }

  /** A last line that lacks its line feed. */
  *rest(): Iterable<Lines> {
    if (this.#heldLength > 0) yield this.#take();
  }

  #take(): Lines {
    const held = this.#held.subarray(0, this.#heldLength);
    const allBytes = held.length + this.#lostBytes - endBytesOf(this.#tail);
    const lostBytes = Math.max(0, allBytes - this.#keptMax);
    const bytes = lostBytes === 0 ? held : held.subarray(0, this.#keptMax);
    this.#heldLength = 0;
    this.#lostBytes = 0;
    this.#tail = 0;
    return { bytes, lostBytes };
  }

  #hold(bytes: Buffer): void {
    const end = Math.min(this.#heldLength + bytes.length, this.#heldMax);
    if (end > this.#held.length) this.#grow(end);
    const kept = bytes.copy(
      this.#held,
      this.#heldLength,
      0,
      end - this.#heldLength,
    );
    this.#heldLength = end;
    this.#lostBytes += bytes.length - kept;
    for (const byte of bytes.subarray(-2)) {
      this.#tail = ((this.#tail << 8) | byte) & 0xffff;
    }
  }

  /** What ends a line is no part of it, and needs its room. */
  get #heldMax(): number {
    return this.#keptMax + LINE_END_BYTES;
  }

  #grow(length: number): void {
    const doubled = Math.max(this.#held.length * 2, FIRST_CAPACITY);
    const capacity = Math.min(Math.max(doubled, length), this.#heldMax);
    const grown = Buffer.allocUnsafeSlow(capacity);
    this.#held.copy(grown, 0, 0, this.#heldLength);
    this.#held = grown;
  }
}

/** Bytes that end a line whose last two bytes these are. */
function endBytesOf(tail: number): number {
  const [before, last] = [tail >> 8, tail & 0xff];
  if (last !== LF) return last === CR ? 1 : 0;
  return before === CR ? 2 : 1;
}

/** A text without the byte order mark that it may begin with. */
export function withoutMark(bytes: Buffer): Buffer {
  const { length } = BYTE_ORDER_MARK;
  const hasMark = bytes.subarray(0, length).equals(BYTE_ORDER_MARK);
  return hasMark ? bytes.subarray(length) : bytes;
}
