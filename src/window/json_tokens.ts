/** What a walk returns instead of a position when the text is not JSON. */
export const BROKEN = -1;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const POINT = 0x2e;
const LITERALS = ["null", "true", "false"].map((text) => Buffer.from(text));
const NO_BYTES = Buffer.alloc(0);

/**
 * Walks the tokens of a JSON text (RFC 8259) that is valid UTF-8. Each walk
 * takes the position of a token and returns the one behind it, or `BROKEN`.
 */
export class JsonTokens {
  bytes: Buffer = NO_BYTES;
  /** The last string walked over is not written as it reads. */
  hasEscape = false;

  /** The first position from `at` on that is not white space. */
  skipSpace(at: number): number {
    const { bytes } = this;
    for (let next = at; next < bytes.length; next++) {
      if (!isSpace(bytes[next]!)) return next;
    }
    return bytes.length;
  }

  /** Walks over a string, a number or a literal. */
  leaf(at: number): number {
    const first = this.bytes[at];
    if (first === undefined) return BROKEN;
    if (first === QUOTE) return this.string(at);
    if (first === MINUS || isDigit(first)) return this.#number(at);
    const literal = LITERALS.find((each) => each[0] === first);
    if (literal === undefined) return BROKEN;
    return this.#isAt(literal, at) ? at + literal.length : BROKEN;
  }

  /** Walks over a string, from its opening quote. */
  string(at: number): number {
    const { bytes } = this;
    this.hasEscape = false;
    if (bytes[at] !== QUOTE) return BROKEN;
    for (let next = at + 1; next < bytes.length; next++) {
      const byte = bytes[next]!;
      if (byte === QUOTE) return next + 1;
      if (byte < 0x20) return BROKEN;
      if (byte !== BACKSLASH) continue;
      this.hasEscape = true;
      const length = this.#escapeLength(next + 1);
      if (length === 0) return BROKEN;
      next += length;
    }
    return BROKEN;
  }

  /** Whether a string walked over, at `at`, is this name; it has no escape. */
  isName(name: Buffer, at: number, end: number): boolean {
    return end - at === name.length + 2 && this.#isAt(name, at + 1);
  }

  #isAt(expected: Buffer, at: number): boolean {
    for (let i = 0; i < expected.length; i++) {
      if (this.bytes[at + i] !== expected[i]) return false;
    }
    return true;
  }

  /** Bytes of an escape from behind its backslash, 0 when it is none. */
  #escapeLength(at: number): number {
    switch (this.bytes[at]) {
      case QUOTE:
      case BACKSLASH:
      case 0x2f: // /
      case 0x62: // b
      case 0x66: // f
      case 0x6e: // n
      case 0x72: // r
      case 0x74: // t
        return 1;
      case 0x75: // u
        for (let digit = at + 1; digit <= at + 4; digit++) {
          if (!isHexDigit(this.bytes[digit])) return 0;
        }
        return 5;
      default:
        return 0;
    }
  }

  #number(from: number): number {
    const { bytes } = this;
    let at = bytes[from] === MINUS ? from + 1 : from;
    at = bytes[at] === 0x30 ? at + 1 : this.#digits(at);
    if (at !== BROKEN && bytes[at] === POINT) at = this.#digits(at + 1);
    if (at === BROKEN) return BROKEN;
    const mark = bytes[at];
    if (mark !== 0x65 && mark !== 0x45) return at;
    const sign = bytes[at + 1];
    return this.#digits(sign === 0x2b || sign === MINUS ? at + 2 : at + 1);
  }

  /** Walks over one digit or more. */
  #digits(from: number): number {
    let at = from;
    while (isDigit(this.bytes[at])) at++;
    return at > from ? at : BROKEN;
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  // 0x20 makes a capital a small letter.
  const letter = byte | 0x20;
  return isDigit(byte) || (letter >= 0x61 && letter <= 0x66);
}
