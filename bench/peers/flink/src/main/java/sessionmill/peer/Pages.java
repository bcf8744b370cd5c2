package sessionmill.peer;

import java.util.Arrays;
import java.util.Comparator;

/**
 * The accumulator of a session: all its visits one after the other in one byte array, so that a
 * session is three objects for the garbage collector and not three for each visit. An entry is two
 * lengths of two bytes each, the event time and the page, both as they stand in the output.
 */
final class Pages {
  private static final int HEADER = 4;

  byte[] userId;
  private byte[] entries = new byte[256];
  private int length;
  private int count;

  static void writeEntry(Visit visit, JsonBytes time, JsonBytes page) {
    int needed = HEADER + time.length + page.length;
    if (visit.entry.length < needed) visit.entry = new byte[2 * needed];
    byte[] entry = visit.entry;
    entry[0] = (byte) (time.length >> 8);
    entry[1] = (byte) time.length;
    entry[2] = (byte) (page.length >> 8);
    entry[3] = (byte) page.length;
    System.arraycopy(time.bytes, 0, entry, HEADER, time.length);
    System.arraycopy(page.bytes, 0, entry, HEADER + time.length, page.length);
    visit.entryLength = needed;
  }

  void add(Visit visit) {
    append(visit.entry, visit.entryLength);
    count++;
    // The same bytes are kept as they are, which spares the collector old-to-young pointers.
    if (!Arrays.equals(userId, visit.userId)) userId = visit.userId;
  }

  /** Takes in the visits of another session; the visit that joins them brings the user. */
  Pages addAll(Pages other) {
    append(other.entries, other.length);
    count += other.count;
    if (userId == null) userId = other.userId;
    return this;
  }

  private void append(byte[] source, int sourceLength) {
    if (entries.length - length < sourceLength) {
      entries = Arrays.copyOf(entries, Math.max(2 * entries.length, length + sourceLength));
    }
    System.arraycopy(source, 0, entries, length, sourceLength);
    length += sourceLength;
  }

  /** Starts of the entries by event time as text; equal ones stay in order of arrival. */
  Integer[] sorted() {
    Integer[] starts = new Integer[count];
    for (int i = 0, at = 0; i < count; i++) {
      starts[i] = at;
      at = pageEnd(at);
    }
    Comparator<Integer> byTime =
        (a, b) ->
            Arrays.compareUnsigned(
                entries, timeStart(a), pageStart(a), entries, timeStart(b), pageStart(b));
    for (int i = 1; i < count; i++) {
      if (byTime.compare(starts[i - 1], starts[i]) > 0) {
        Arrays.sort(starts, byTime);
        break;
      }
    }
    return starts;
  }

  void copyTime(int entry, JsonBytes to) {
    to.add(entries, timeStart(entry), pageStart(entry) - timeStart(entry));
  }

  void copyPage(int entry, JsonBytes to) {
    to.add(entries, pageStart(entry), pageEnd(entry) - pageStart(entry));
  }

  private static int timeStart(int entry) {
    return entry + HEADER;
  }

  private int pageStart(int entry) {
    return entry + HEADER + unsignedShort(entry);
  }

  private int pageEnd(int entry) {
    return pageStart(entry) + unsignedShort(entry + 2);
  }

  private int unsignedShort(int at) {
    return (entries[at] & 0xff) << 8 | (entries[at + 1] & 0xff);
  }
}
