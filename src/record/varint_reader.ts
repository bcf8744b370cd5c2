/** A zigzag varint reader that allocates nothing: one, reused, a reader. */
export class VarintReader {
  /** Where the last read ended: the position after its last byte. */
  end = 0;

  /** The signed number at `at`; exact for 53 bits, as offsets and times are. */
  read(bytes: Buffer, at: number): number {
    const first = bytes[at]!;
    if (first < 0x80) {
      this.end = at + 1;
      return (first >>> 1) ^ -(first & 1);
    }
    const second = bytes[at + 1]!;
    if (second < 0x80) {
      this.end = at + 2;
      const raw = (first & 0x7f) | (second << 7);
      return (raw >>> 1) ^ -(raw & 1);
    }
    return this.#readLong(bytes, at);
  }

  #readLong(bytes: Buffer, at: number): number {
    let raw = (bytes[at]! & 0x7f) + (bytes[at + 1]! & 0x7f) * 0x80;
    let scale = 0x4000;
    let end = at + 2;
    for (; end < at + 10; end++) {
      const byte = bytes[end]!;
      raw += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 0x80;
    }
    this.end = end + 1;
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }
}
