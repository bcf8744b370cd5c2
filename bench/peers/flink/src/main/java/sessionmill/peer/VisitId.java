package sessionmill.peer;

import java.util.Arrays;

/** The key of a session: the visit id's JSON bytes, between its quotes. */
final class VisitId {
  final byte[] bytes;
  private final int hash;

  VisitId(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VisitId that
        && hash == that.hash
        && Arrays.equals(bytes, that.bytes);
  }
}
