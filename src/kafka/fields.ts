/** Reads the fields of Kafka's requests and answers, one after the other. */
export class FieldReader {
  at: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  skip(byteLength: number): void {
    this.at += byteLength;
  }

  int16(): number {
    this.at += 2;
    return this.#bytes.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.#bytes.readInt32BE(this.at - 4);
  }

  /** Exact up to 2^53, which no offset reaches. */
  int64(): number {
    const high = this.int32();
    this.at += 4;
    return high * 0x100000000 + this.#bytes.readUInt32BE(this.at - 4);
  }

  /** An unsigned varint. */
  uvarint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes.readUInt8(this.at++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  /** Length of a compact array, string or byte field; -1 for null. */
  compactLength(): number {
    return this.uvarint() - 1;
  }

  /** A compact string; "" for null. */
  compactString(): string {
    const start = this.at;
    const length = Math.max(0, this.compactLength());
    const textStart = this.at;
    this.skip(length);
    if (this.at > this.#bytes.length) {
      throw new RangeError(`Cannot read string at ${start}: it is cut off`);
    }
    return this.#bytes.toString("utf8", textStart, this.at);
  }

  /** An id of a topic, as Kafka's tools print it; null for none. */
  topicId(): string | null {
    this.at += ID_BYTES;
    const bytes = this.#bytes.subarray(this.at - ID_BYTES, this.at);
    if (bytes.length < ID_BYTES) {
      throw new RangeError(`Cannot read topic id at ${this.at}: it is cut off`);
    }
    return bytes.every((byte) => byte === 0)
      ? null
      : bytes.toString("base64url");
  }

  /** Passes over the tagged fields that end a structure. */
  skipTags(): void {
    this.eachTag(() => {});
  }

  /** Hands on the tagged fields that end a structure, each with its number. */
  eachTag(take: (tag: number) => void): void {
    for (let count = this.uvarint(); count > 0; count--) {
      const tag = this.uvarint();
      const length = this.uvarint();
      const end = this.at + length;
      take(tag);
      this.at = end;
    }
  }
}

const ID_BYTES = 16;

/** Writes the fields of a request in a flexible version, header tags first. */
export class FieldWriter {
  // The request's header ends in tagged fields, of which there are none.
  readonly #pieces: Buffer[] = [Buffer.of(0)];

  int8(value: number): this {
    this.#pieces.push(Buffer.of(value & 0xff));
    return this;
  }

  int16(value: number): this {
    const bytes = Buffer.allocUnsafe(2);
    bytes.writeInt16BE(value);
    this.#pieces.push(bytes);
    return this;
  }

  int32(value: number): this {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeInt32BE(value);
    this.#pieces.push(bytes);
    return this;
  }

  int64(value: number | bigint): this {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigInt64BE(BigInt(value));
    this.#pieces.push(bytes);
    return this;
  }

  uvarint(value: number): this {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) {
      bytes.push((rest % 128) | 0x80);
    }
    bytes.push(rest);
    this.#pieces.push(Buffer.from(bytes));
    return this;
  }

  /** Length of a compact array that follows; -1 for null. */
  compactLength(length: number): this {
    return this.uvarint(length + 1);
  }

  /** A compact string, or null. */
  compactString(text: string | null): this {
    if (text === null) return this.compactLength(-1);
    const bytes = Buffer.from(text);
    this.compactLength(bytes.length);
    this.#pieces.push(bytes);
    return this;
  }

  /** An id of a topic, null for none. */
  topicId(id: string | null): this {
    const bytes =
      id === null ? Buffer.alloc(ID_BYTES) : Buffer.from(id, "base64url");
    this.#pieces.push(bytes);
    return this;
  }

  /** Ends a structure: no tagged fields. */
  noTags(): this {
    return this.int8(0);
  }

  /** What kafkajs' connections take for an encoded request. */
  encoded(): EncodedFields {
    const buffer = Buffer.concat(this.#pieces);
    return { buf: buffer, buffer };
  }
}

/** An encoded request, in the shape of kafkajs' own encoder. */
export interface EncodedFields {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}
