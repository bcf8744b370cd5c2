import { writeFile } from "node:fs/promises";

/** What differs from one local broker to the next. */
export interface BrokerPlace {
  /** The loopback port clients connect to. */
  port: number;
  /** The loopback port of the broker's own KRaft controller. */
  controllerPort: number;
  /** The folder of the broker's logs. */
  data: string;
  /** Broker settings that replace or extend the usual ones. */
  config?: Record<string, string>;
}

/** Writes the settings of a single-node KRaft broker on loopback to `file`. */
export async function writeProperties(
  file: string,
  place: BrokerPlace,
): Promise<void> {
  const settings = { ...usualSettings(place), ...place.config };
  const lines = Object.entries(settings).map(([k, v]) => `${k}=${v}\n`);
  await writeFile(file, lines.join(""));
}

function usualSettings(place: BrokerPlace): Record<string, string> {
  const broker = `PLAINTEXT://127.0.0.1:${place.port}`;
  return {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${place.controllerPort}`,
    "controller.listener.names": "CONTROLLER",
    listeners: `${broker},CONTROLLER://127.0.0.1:${place.controllerPort}`,
    "advertised.listeners": broker,
    "listener.security.protocol.map":
      "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "log.dirs": place.data,
    "auto.create.topics.enable": "false",
    // Internal topics of one replica, with few partitions: quick to create.
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "2",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "2",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    // Visits carry event times of years ago; they must not expire by them.
    "log.retention.ms": "-1",
    // The default of 128 MB would take a quarter of the small heap.
    "log.cleaner.dedupe.buffer.size": "8388608",
    "log.cleaner.backoff.ms": "1000",
    // After a kill, the next start waits until this one's session has ended.
    "broker.session.timeout.ms": "5000",
    "broker.heartbeat.interval.ms": "500",
  };
}
