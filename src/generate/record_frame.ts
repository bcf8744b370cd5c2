/** The longest record that is ever generated, in bytes; more than enough. */
export const RECORD_BYTES_MAX = 768;
const STRAY_KEY_BYTES_MAX = 64;
// A record, its duplicate, and the keys that lie outside of them.
const ROOM_BYTES = 2 * (RECORD_BYTES_MAX + 1 + STRAY_KEY_BYTES_MAX);
const FRAME_BYTES = 256 * 1024;
const RECORDS_MAX = 1024;
const LINE_FEED = 0x0a;
const FIELDS = 4;

/**
 * Generated records in one reused buffer. Values stand at its front as lines,
 * so that they can be written as they are; a key that is not in its value
 * stands at its back.
 */
export class RecordFrame {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(FRAME_BYTES);
  /** Records in the frame. */
  count = 0;
  /** When the first of them should be sent: wall clock, ms. */
  dueAtMs = 0;
  /** The generator's own time, ms: the records that are added now have it. */
  nowMs = 0;
  /** End of the last line: where the next value is to be written. */
  end = 0;
  #keysStart = FRAME_BYTES;
  // Value start, value length, key start, key length of each record.
  readonly #fields = new Int32Array(FIELDS * RECORDS_MAX);
  readonly #timesMs = new Float64Array(RECORDS_MAX);

  /** True when there may be no room for a record and its duplicate. */
  get isFull(): boolean {
    return (
      this.#keysStart - this.end < ROOM_BYTES || this.count > RECORDS_MAX - 2
    );
  }

  /** Forgets all records. */
  clear(): void {
    this.count = 0;
    this.end = 0;
    this.#keysStart = FRAME_BYTES;
  }

  /** Takes in the value written at `end`, whose key is a part of it. */
  add(valueLength: number, keyOffset: number, keyLength: number): void {
    this.#push(valueLength, this.end + keyOffset, keyLength);
  }

  /** Takes in the value written at `end`, with a key that is not in it. */
  addWithKey(valueLength: number, key: Uint8Array): void {
    this.#keysStart -= key.length;
    this.bytes.set(key, this.#keysStart);
    this.#push(valueLength, this.#keysStart, key.length);
  }

  /** Adds the last record once more. */
  repeatLast(): void {
    const last = this.count - 1;
    const start = this.valueStart(last);
    const length = this.valueLength(last);
    const keyStart = this.keyStart(last);
    const shift = keyStart < this.end ? this.end - start : 0;
    this.bytes.copyWithin(this.end, start, start + length);
    this.#push(length, keyStart + shift, this.keyLength(last));
  }

  valueStart(record: number): number {
    return this.#fields[record * FIELDS]!;
  }

  valueLength(record: number): number {
    return this.#fields[record * FIELDS + 1]!;
  }

  keyStart(record: number): number {
    return this.#fields[record * FIELDS + 2]!;
  }

  keyLength(record: number): number {
    return this.#fields[record * FIELDS + 3]!;
  }

  /** When a record came by the generator's own time, ms. */
  timeMs(record: number): number {
    return this.#timesMs[record]!;
  }

  #push(valueLength: number, keyStart: number, keyLength: number): void {
    const at = this.count * FIELDS;
    this.#fields[at] = this.end;
    this.#fields[at + 1] = valueLength;
    this.#fields[at + 2] = keyStart;
    this.#fields[at + 3] = keyLength;
    this.#timesMs[this.count] = this.nowMs;
    this.bytes[this.end + valueLength] = LINE_FEED;
    this.end += valueLength + 1;
    this.count++;
  }
}
