import { KafkaRecordSink } from "../../src/generate/kafka_record_sink.ts";
import { configOf } from "./read_sessions.ts";

/** What writes the records of a bench to a topic, which must be there. */
export async function openRecordSink(
  brokers: string,
  topic: string,
): Promise<KafkaRecordSink> {
  const sink = new KafkaRecordSink(topic, {
    kafka: configOf(brokers),
    existingFile: "refuse",
    signal: new AbortController().signal,
    warn: (text) => process.stderr.write(`${text}\n`),
  });
  await sink.open();
  return sink;
}
