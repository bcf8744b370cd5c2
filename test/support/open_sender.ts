import { WALL_CLOCK } from "../../src/clock.ts";
import type { KafkaConfig } from "../../src/config/config.ts";
import { brokerOutage } from "../../src/kafka/outage.ts";
import { Sender } from "../../src/kafka/sender.ts";

/** A sender that is open; its warnings go to `warn`, or nowhere. */
export async function openSender(
  kafka: KafkaConfig,
  warn: (text: string) => void = () => {},
): Promise<Sender> {
  const outage = brokerOutage(kafka.brokers, { clock: WALL_CLOCK, warn });
  const sender = new Sender({ kafka, outage, warn });
  await sender.open();
  return sender;
}
