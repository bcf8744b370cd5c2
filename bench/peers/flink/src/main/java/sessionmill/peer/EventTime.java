package sessionmill.peer;

import java.time.LocalDate;
import java.time.OffsetDateTime;

/** Event times, cut to whole seconds. */
final class EventTime {
  private long lastDay = Long.MIN_VALUE;
  private long lastDaySeconds;

  /** Milliseconds since 1970 of an ISO 8601 text with an offset; throws where it is none. */
  long parseMs(char[] text, int start, int count) {
    boolean isUsual = count >= 20 && text[start + 4] == '-' && text[start + 10] == 'T';
    int zone = isUsual ? start + 19 : 0;
    if (isUsual && isUtc(text, zone, start + count)) {
      long seconds = daySeconds(text, start);
      seconds += 3600L * two(text, start + 11) + 60L * two(text, start + 14) + two(text, start + 17);
      return 1000 * seconds;
    }
    String whole = new String(text, start, count).replace(' ', 'T');
    return 1000 * OffsetDateTime.parse(whole).toEpochSecond();
  }

  private static boolean isUtc(char[] text, int zone, int end) {
    if (end - zone == 1) return text[zone] == 'Z';
    return end - zone == 6
        && text[zone] == '+'
        && text[zone + 1] == '0'
        && text[zone + 2] == '0'
        && text[zone + 3] == ':'
        && text[zone + 4] == '0'
        && text[zone + 5] == '0';
  }

  /** Neighbouring visits are mostly of one day. */
  private long daySeconds(char[] text, int start) {
    int year = 100 * two(text, start) + two(text, start + 2);
    long day = 10_000L * year + 100L * two(text, start + 5) + two(text, start + 8);
    if (day != lastDay) {
      LocalDate date = LocalDate.of(year, two(text, start + 5), two(text, start + 8));
      lastDaySeconds = 86_400 * date.toEpochDay();
      lastDay = day;
    }
    return lastDaySeconds;
  }

  private static int two(char[] text, int at) {
    int tens = text[at] - '0';
    int ones = text[at + 1] - '0';
    if ((tens | ones) < 0 || tens > 9 || ones > 9) throw new IllegalArgumentException("no digits");
    return 10 * tens + ones;
  }
}
