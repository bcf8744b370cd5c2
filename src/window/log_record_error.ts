import { WindowLogError } from "../errors.ts";
import { shownBytes } from "../record/shown_bytes.ts";

/** The failure to restore a record of the window log. */
export class LogRecordError extends WindowLogError {
  readonly #why: string;
  /** What the record begins with; null when it is not by that. */
  readonly #unknownByte: number | null;

  private constructor(why: string, unknownByte: number | null) {
    super(`Cannot read window log: ${why}`);
    this.#why = why;
    this.#unknownByte = unknownByte;
  }

  /** A record that begins with this byte, which no record of this version does. */
  static unknown(byte: number): LogRecordError {
    const hex = byte.toString(16).padStart(2, "0");
    const why = `a record begins with the byte 0x${hex}, which this version does not know`;
    return new LogRecordError(why, byte);
  }

  /** A record that is of this version, and cannot be right. */
  static damaged(why: string): LogRecordError {
    return new LogRecordError(`it is damaged, ${why}`, null);
  }

  /** Whether it may be this value, the first one of several, that has failed. */
  isOf(value: Buffer): boolean {
    const [first = null] = value;
    return first === this.#unknownByte;
  }

  /** The same, with its place: `windows[3] at 17`; `value` as far as it is known. */
  at(place: string, value: Buffer | null): WindowLogError {
    const what =
      value === null
        ? this.#why
        : `${shownBytes(value)} is no record of a window log that this version ` +
          "knows; another program has written it, or a newer version, which reads it";
    return new WindowLogError(`Cannot read window log ${place}: ${what}`);
  }
}
