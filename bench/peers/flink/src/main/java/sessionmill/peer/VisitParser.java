package sessionmill.peer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.DateTimeException;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Makes visits of records with Jackson's streaming parser, which checks all of the JSON. */
final class VisitParser implements KafkaRecordDeserializationSchema<Visit> {
  /** All that were opened in this process, for the final count. */
  static final Queue<VisitParser> OPENED = new ConcurrentLinkedQueue<>();

  private static final byte[] NULL = "null".getBytes();

  long records;
  long rejected;
  volatile long firstRecordNanos;

  private transient JsonFactory json;
  private transient EventTime eventTime;
  private transient JsonBytes id;
  private transient JsonBytes user;
  private transient JsonBytes time;
  private transient JsonBytes page;
  private transient long timestampMs;
  private transient Visit visit;

  @Override
  public void open(DeserializationSchema.InitializationContext context) {
    json = new JsonFactory();
    eventTime = new EventTime();
    id = new JsonBytes();
    user = new JsonBytes();
    time = new JsonBytes();
    page = new JsonBytes();
    visit = new Visit();
    OPENED.add(this);
  }

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Visit> out) {
    if (records++ == 0) firstRecordNanos = System.nanoTime();
    if (parse(record.value())) out.collect(visit);
    else rejected++;
  }

  private boolean parse(byte[] value) {
    if (value == null) return false;
    id.clear();
    time.clear();
    page.clear();
    page.add(NULL);
    user.clear();
    user.add(NULL);
    try (JsonParser parser = json.createParser(value)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) return false;
      for (String name; (name = parser.nextFieldName()) != null; ) readMember(parser, name);
      if (parser.nextToken() != null || id.length == 0 || time.length == 0) return false;
    } catch (IOException | DateTimeException | IllegalArgumentException error) {
      return false;
    }
    fillVisit();
    return true;
  }

  private void readMember(JsonParser parser, String name) throws IOException {
    JsonToken token = parser.nextToken();
    switch (name) {
      case "visit_id" -> readText(parser, id);
      case "event_time" -> {
        readText(parser, time);
        timestampMs =
            eventTime.parseMs(
                parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
      }
      case "page" -> readQuoted(parser, page);
      case "user_id" -> readQuoted(parser, user);
      default -> {
        if (token.isStructStart()) parser.skipChildren();
      }
    }
  }

  private static void readText(JsonParser parser, JsonBytes to) throws IOException {
    if (!parser.hasToken(JsonToken.VALUE_STRING)) throw new IOException("no string");
    to.clear();
    to.addEscaped(
        parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
  }

  private static void readQuoted(JsonParser parser, JsonBytes to) throws IOException {
    to.clear();
    if (parser.hasToken(JsonToken.VALUE_NULL)) {
      to.add(NULL);
      return;
    }
    to.reserve(1);
    to.bytes[to.length++] = '"';
    if (!parser.hasToken(JsonToken.VALUE_STRING)) throw new IOException("no string");
    to.addEscaped(
        parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
    to.reserve(1);
    to.bytes[to.length++] = '"';
  }

  private void fillVisit() {
    visit.id = new VisitId(Arrays.copyOf(id.bytes, id.length));
    visit.userId = Arrays.copyOf(user.bytes, user.length);
    visit.timestampMs = timestampMs;
    Pages.writeEntry(visit, time, page);
  }

  @Override
  public TypeInformation<Visit> getProducedType() {
    return PlainType.VISIT;
  }
}
