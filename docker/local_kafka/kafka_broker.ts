import { rm } from "node:fs/promises";
import { join } from "node:path";
import { WorldError } from "../../src/errors.ts";
import { removeLeftFolders } from "./broker_folder.ts";
import {
  createTopics,
  type NewTopic,
  type TopicOptions,
} from "./create_topic.ts";
import { isPortFree } from "./free_port.ts";
import { kafkaHome } from "./kafka_home.ts";
import { launchKafka } from "./kafka_process.ts";

/** Choices for a local broker; every one of them has a default. */
export interface StartKafkaOptions {
  /** The loopback port to listen on; any free one by default. */
  port?: number;
  topics?: NewTopic[];
  /** The JVM's heap in MB; 512 by default. */
  heapMb?: number;
  /** Broker settings that replace or extend the usual ones. */
  config?: Record<string, string>;
}

/** How a broker is restarted. */
export interface RestartOptions {
  readonly kill?: boolean;
  readonly meanwhile?: (dataFolder: string) => Promise<void>;
}

/** An Apache Kafka of one node, on loopback, that dies with its parent. */
export interface KafkaBroker {
  /** The bootstrap address, `127.0.0.1:PORT`. */
  readonly brokers: string;
  /** The process id of the broker's JVM; a restart changes it. */
  readonly pid: number;
  /**
   * How the broker's present process ended, with the end of its log, once it
   * has; never rejects.
   */
  readonly ended: Promise<string>;
  /** Creates a topic and waits until it has its leaders. */
  createTopic(name: string, options: TopicOptions): Promise<void>;
  /**
   * Stops it, with `kill` the hard way, and starts it with the same data, or
   * what `meanwhile` makes of it: it is given the folder of the partitions.
   */
  restart(options?: RestartOptions): Promise<void>;
  /** Ends the broker and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts an Apache Kafka broker (KRaft, one node) and waits until it is ready.
 * The first call on a machine downloads its jars. Throws a `WorldError` when
 * Java or Maven is missing or the port is taken.
 */
export async function startKafka(
  options: StartKafkaOptions = {},
): Promise<KafkaBroker> {
  const { port, topics = [], ...launch } = options;
  if (port !== undefined && !(await isPortFree(port))) {
    const why = `port ${port} is taken, give a free one`;
    throw new WorldError(`Cannot start Kafka: ${why}`);
  }
  await removeLeftFolders();
  const home = await kafkaHome();
  let running = await launchKafka(home, { ...options });
  const fixed = { ...launch, port: running.port, folder: running.folder };
  const brokers = `127.0.0.1:${running.port}`;
  const broker: KafkaBroker = {
    brokers,
    get pid() {
      return running.pid;
    },
    get ended() {
      return running.ended;
    },
    createTopic: (name, topic) => createTopics(brokers, [{ name, ...topic }]),
    async restart({ kill = false, meanwhile } = {}) {
      await running.stop(kill ? "SIGKILL" : "SIGTERM");
      await meanwhile?.(join(running.folder, "data"));
      running = await launchKafka(home, fixed);
    },
    async stop() {
      // Its data goes too, so nothing is gained by an orderly end.
      await running.stop("SIGKILL");
      await rm(running.folder, { recursive: true, force: true });
    },
  };
  if (topics.length > 0) await createTopics(brokers, topics);
  return broker;
}
