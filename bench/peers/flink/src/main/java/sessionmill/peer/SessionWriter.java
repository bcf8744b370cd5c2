package sessionmill.peer;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** Writes a fired session as the bytes that Python's json.dumps would give. */
final class SessionWriter extends ProcessWindowFunction<Pages, Session, VisitId, TimeWindow> {
  private static final long LAST_MS = 253_402_300_799_999L;
  private static final String LAST = "9999-12-31T23:59:59.999999+00:00";

  private transient JsonBytes json;
  private transient DateTimeFormatter micros;
  private transient long watermarkMs;
  private transient byte[] watermark;

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static final byte[] ID = ascii("{\"visit_id\": \"");
  private static final byte[] START = ascii("\", \"start_time\": \"");
  private static final byte[] END = ascii("\", \"end_time\": \"");
  private static final byte[] PAGES = ascii("\", \"visited_pages\": [[");
  private static final byte[] PAGE = ascii("{\"page\": ");
  private static final byte[] TIME = ascii(", \"event_time\": \"");
  private static final byte[] NEXT = ascii("\"}, ");
  private static final byte[] USER = ascii("\"}]], \"user_id\": [");
  private static final byte[] NOW =
      ascii("], \"data_processing_context\": {\"generation_time\": \"");
  private static final byte[] WATERMARK = ascii("\", \"watermark\": \"");
  private static final byte[] CLOSE = ascii("\"}}");

  @Override
  public void open(OpenContext context) {
    json = new JsonBytes();
    micros = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS");
    watermarkMs = Long.MIN_VALUE;
  }

  @Override
  public void process(
      VisitId id, Context context, Iterable<Pages> sessions, Collector<Session> out) {
    Pages pages = sessions.iterator().next();
    Integer[] order = pages.sorted();
    json.clear();
    json.add(ID);
    json.add(id.bytes);
    json.add(START);
    pages.copyTime(order[0], json);
    json.add(END);
    pages.copyTime(order[order.length - 1], json);
    json.add(PAGES);
    for (int i = 0; i < order.length; i++) {
      if (i > 0) json.add(NEXT);
      json.add(PAGE);
      pages.copyPage(order[i], json);
      json.add(TIME);
      pages.copyTime(order[i], json);
    }
    json.add(USER);
    json.add(pages.userId);
    json.add(NOW);
    json.add(ascii(micros.format(LocalDateTime.now(ZoneOffset.UTC))));
    json.add(WATERMARK);
    json.add(watermarkText(context.currentWatermark()));
    json.add(CLOSE);
    out.collect(new Session(id.bytes, Arrays.copyOf(json.bytes, json.length)));
  }

  private byte[] watermarkText(long ms) {
    if (ms == watermarkMs) return watermark;
    watermarkMs = ms;
    watermark = ascii(ms > LAST_MS ? LAST : isoText(ms));
    return watermark;
  }

  private String isoText(long ms) {
    LocalDateTime time = LocalDateTime.ofInstant(Instant.ofEpochMilli(ms), ZoneOffset.UTC);
    String text = micros.format(time);
    // Python leaves a fraction of zero out.
    return (ms % 1000 == 0 ? text.substring(0, text.length() - 7) : text) + "+00:00";
  }
}
