package sessionmill.peer;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;

/**
 * The sessions of one bounded topic into another, by Flink in this one process. Arguments: brokers,
 * input topic, output topic, guarantee (none or exactly-once). Prints one JSON line with what it
 * took.
 */
public final class FlinkPeer {
  private static final Duration GAP = Duration.ofMinutes(10);
  private static final Duration OUT_OF_ORDERNESS = Duration.ofMinutes(20);
  private static final Duration ALLOWED_LATENESS = Duration.ofMinutes(15);
  private static final int PARALLELISM = 2;
  private static final Duration CHECKPOINT_INTERVAL = Duration.ofMillis(500);
  private static final int TRANSACTION_TIMEOUT_MS = 300_000;

  public static void main(String[] args) throws Exception {
    boolean isExactlyOnce = args[3].equals("exactly-once");
    StreamExecutionEnvironment job = environment(isExactlyOnce);
    job.fromSource(source(args[0], args[1]), watermarks(), "visits", PlainType.VISIT)
        .keyBy(visit -> visit.id, PlainType.VISIT_ID)
        .window(EventTimeSessionWindows.withGap(GAP))
        .allowedLateness(ALLOWED_LATENESS)
        .trigger(new SessionTrigger())
        .aggregate(
            new PagesAggregate(),
            new SessionWriter(),
            TypeInformation.of(Pages.class),
            TypeInformation.of(Pages.class),
            TypeInformation.of(Session.class))
        .sinkTo(sink(args[0], args[2], isExactlyOnce));
    long cpuBefore = cpuNanos();
    long startedAt = System.nanoTime();
    job.execute("sessions");
    report(cpuBefore, startedAt, System.nanoTime());
    // Threads of the local cluster may linger.
    System.exit(0);
  }

  private static StreamExecutionEnvironment environment(boolean isExactlyOnce) throws IOException {
    Configuration settings = new Configuration();
    settings.setString("pipeline.object-reuse", "true");
    settings.setString("state.backend.type", "hashmap");
    settings.setString("taskmanager.memory.segment-size", "128kb");
    settings.setString("taskmanager.memory.network.min", "128mb");
    settings.setString("taskmanager.memory.network.max", "128mb");
    settings.setString("execution.buffer-timeout.interval", "200 ms");
    settings.setString("rest.bind-port", "0");
    if (isExactlyOnce) {
      Path checkpoints = Files.createTempDirectory("sessionmill-flink-checkpoints");
      settings.setString("execution.checkpointing.storage", "filesystem");
      settings.setString("execution.checkpointing.dir", checkpoints.toUri().toString());
    }
    var job = StreamExecutionEnvironment.createLocalEnvironment(PARALLELISM, settings);
    job.getConfig().enableObjectReuse();
    if (isExactlyOnce) job.enableCheckpointing(CHECKPOINT_INTERVAL.toMillis());
    return job;
  }

  private static WatermarkStrategy<Visit> watermarks() {
    return WatermarkStrategy.<Visit>forBoundedOutOfOrderness(OUT_OF_ORDERNESS)
        .withTimestampAssigner((visit, recordTimestamp) -> visit.timestampMs);
  }

  private static KafkaSource<Visit> source(String brokers, String topic) {
    Properties tuning = new Properties();
    tuning.setProperty("fetch.min.bytes", "524288");
    tuning.setProperty("fetch.max.wait.ms", "50");
    tuning.setProperty("max.partition.fetch.bytes", "4194304");
    tuning.setProperty("max.poll.records", "8000");
    tuning.setProperty("receive.buffer.bytes", "1048576");
    tuning.setProperty("register.consumer.metrics", "false");
    return KafkaSource.<Visit>builder()
        .setBootstrapServers(brokers)
        .setTopics(topic)
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setBounded(OffsetsInitializer.latest())
        .setDeserializer(new VisitParser())
        .setProperties(tuning)
        .build();
  }

  private static KafkaSink<Session> sink(String brokers, String topic, boolean isExactlyOnce) {
    Properties tuning = new Properties();
    tuning.setProperty("linger.ms", "50");
    tuning.setProperty("batch.size", "524288");
    tuning.setProperty("buffer.memory", "67108864");
    tuning.setProperty("send.buffer.bytes", "1048576");
    tuning.setProperty("register.producer.metrics", "false");
    var sink =
        KafkaSink.<Session>builder()
            .setBootstrapServers(brokers)
            .setKafkaProducerConfig(tuning)
            .setRecordSerializer(new SessionRecord(topic));
    if (isExactlyOnce) {
      // No longer than brokers allow by default, and longer than any checkpoint.
      tuning.setProperty("transaction.timeout.ms", String.valueOf(TRANSACTION_TIMEOUT_MS));
      sink.setKafkaProducerConfig(tuning)
          .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
          .setTransactionalIdPrefix(topic);
    }
    return sink.build();
  }

  private static void report(long cpuBefore, long startedAt, long endedAt) throws IOException {
    long visits = 0;
    long rejected = 0;
    long firstRecordAt = endedAt;
    for (VisitParser parser : VisitParser.OPENED) {
      visits += parser.records;
      rejected += parser.rejected;
      if (parser.records > 0) firstRecordAt = Math.min(firstRecordAt, parser.firstRecordNanos);
    }
    System.out.printf(
        Locale.ROOT,
        "{\"visits\": %d, \"rejected\": %d, \"wallSeconds\": %.3f, \"jobSeconds\": %.3f,"
            + " \"cpuSeconds\": %.3f, \"jvmCpuSeconds\": %.3f, \"gcSeconds\": %.3f,"
            + " \"peakRssBytes\": %d}%n",
        visits,
        rejected,
        (endedAt - firstRecordAt) / 1e9,
        (endedAt - startedAt) / 1e9,
        (cpuNanos() - cpuBefore) / 1e9,
        cpuNanos() / 1e9,
        gcMillis() / 1e3,
        peakRssBytes());
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static long gcMillis() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(collector -> collector.getCollectionTime())
        .sum();
  }

  private static long peakRssBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
    }
    return 0;
  }
}
