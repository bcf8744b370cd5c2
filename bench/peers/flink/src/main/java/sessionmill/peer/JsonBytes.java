package sessionmill.peer;

/** A growing byte buffer that strings are written to as Python's json.dumps writes them. */
final class JsonBytes {
  private static final byte[] HEX = "0123456789abcdef".getBytes();

  byte[] bytes = new byte[4096];
  int length;

  void clear() {
    length = 0;
  }

  void reserve(int more) {
    if (bytes.length - length >= more) return;
    byte[] larger = new byte[Math.max(2 * bytes.length, length + more)];
    System.arraycopy(bytes, 0, larger, 0, length);
    bytes = larger;
  }

  void add(byte[] source) {
    add(source, 0, source.length);
  }

  void add(byte[] source, int start, int count) {
    reserve(count);
    System.arraycopy(source, start, bytes, length, count);
    length += count;
  }

  /** Adds what stands between the quotes. */
  void addEscaped(char[] text, int start, int count) {
    reserve(6 * count);
    for (int i = start; i < start + count; i++) {
      char c = text[i];
      if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') bytes[length++] = (byte) c;
      else addEscape(c);
    }
  }

  private void addEscape(char c) {
    bytes[length++] = '\\';
    switch (c) {
      case '"', '\\' -> bytes[length++] = (byte) c;
      case '\n' -> bytes[length++] = 'n';
      case '\r' -> bytes[length++] = 'r';
      case '\t' -> bytes[length++] = 't';
      case '\b' -> bytes[length++] = 'b';
      case '\f' -> bytes[length++] = 'f';
      default -> {
        bytes[length++] = 'u';
        for (int shift = 12; shift >= 0; shift -= 4) bytes[length++] = HEX[(c >> shift) & 15];
      }
    }
  }
}
