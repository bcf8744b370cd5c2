package sessionmill.peer;

import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Makes the output topic's records. */
final class SessionRecord implements KafkaRecordSerializationSchema<Session> {
  private final String topic;

  SessionRecord(String topic) {
    this.topic = topic;
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      Session session, KafkaSinkContext context, Long timestamp) {
    return new ProducerRecord<>(topic, session.key(), session.value());
  }
}
